import { ERROR_CODES, type ErrorEntry, type ExitCode } from "../../shared/error_codes.ts";

/** What gractl's exit codes mean, for both pages. */
export const EXITS: readonly (readonly [0 | ExitCode, string])[] = [
  [0, "succeeded"],
  [1, "the code raised an exception"],
  [2, "the command line, a name, a file or the code is wrong"],
  [3, "grad, a runner or a dataset is unavailable, or a bug of ours"],
  [4, "the code ran longer than its deadline"],
  [5, "the kernel ran out of memory, crashed, or the runner was lost"],
  [6, "it may have started, and the outcome is unknown"],
  [130, "interrupted or cancelled"],
];

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

/** docs/errors.md. */
export function errorsPage(): string {
  const codes: [string, ErrorEntry][] = Object.entries(ERROR_CODES);
  const sections = EXITS.filter(([exit]) => exit !== 0).map(([exit, meaning]) => {
    const rows = codes.filter(([, entry]) => entry.exit === exit)
      .map(([code, { cause, remedy, status }]) =>
        `| <a id="${code}"></a>\`${code}\` | ${cell(cause)} | ${cell(remedy)} | ${status} |`
      );
    return `## Exit code ${exit}: ${meaning}

| code | cause | remedy | gRPC status |
|---|---|---|---|
${rows.join("\n")}
`;
  });
  return `<!-- Generated from shared/error_codes.ts by \`make docs\`. Do not edit. -->
# Errors

Every failure has a \`code\` for programs, a \`message\` for people and, where there is one, a \`hint\`: the next step. gractl prints them
as \`error: …\` and \`hint: …\` on stderr; with \`-o json\` as a document on stdout:

\`\`\`json
{"apiVersion":"gractl/v1","kind":"Error","error":{"code":"session_not_found","message":"…","hint":"…"}}
\`\`\`

What the user's code itself met stands in the \`error\` of its Execution document. On the wire a failure is a gRPC status whose
trailer \`grpc-status-details-bin\` holds a \`google.rpc.Status\` with the message and one \`google.rpc.ErrorInfo\`, so that any gRPC tool can
read it: \`domain\` is \`grad\`, \`reason\` is the code in upper case (\`SESSION_NOT_FOUND\`), and \`metadata.hint\` is the hint.

${sections.join("\n")}`;
}
