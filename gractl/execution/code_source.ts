import { GradError } from "../../shared/errors.ts";
import { MAX_CODE_BYTES } from "../../shared/limits.ts";
import { shellCommand } from "../../shared/shell_quote.ts";

/** What a command line says of the code to run. */
export type CodeOptions = Readonly<{
  /** `--code`. */
  code: string | undefined;
  /** `--file`. */
  file: string | undefined;
  /** The positional argument: a file, or "-" for standard input. */
  operand: string | undefined;
}>;

export type CodeReaders = Readonly<{
  /** @throws {Deno.errors} like `Deno.readFile` */
  readFile(path: string): Promise<Uint8Array>;
  readStdin(maxBytes: number): Promise<Uint8Array>;
  /** Standard input is no terminal: it has the code where nothing else has. */
  stdinIsPiped: boolean;
}>;

/** The path of the file with the code; `undefined` for code from elsewhere. */
export function fileOf({ file, operand }: CodeOptions): string | undefined {
  const path = file ?? operand;
  return path === "-" ? undefined : path;
}

/**
 * Reads the code and checks it like the runner, so that invalid code fails before anything is started.
 *
 * @throws {GradError} `usage`, `file_not_found`, `invalid_code`
 */
export async function readCode(options: CodeOptions, readers: CodeReaders): Promise<string> {
  const { code, file, operand } = options;
  const given = [code, file, operand].filter((value) => value !== undefined).length;
  if (given > 1) throw unclear("it is given more than once");
  if (code !== undefined) return checkCode(new TextEncoder().encode(code));
  const path = fileOf(options);
  if (path !== undefined) {
    const bytes = await readFile(path, { readers, isOperand: file === undefined });
    if (!isNotebook(path)) return checkCode(bytes);
    const { notebookCode } = await import("./notebook.ts");
    return checkCode(new TextEncoder().encode(notebookCode(path, bytes)));
  }
  if (given === 0 && !readers.stdinIsPiped) throw unclear("no code is given");
  const piped = await readers.readStdin(MAX_CODE_BYTES + 1);
  // Nobody has piped anything: a scheduler, for example, gives its programs an empty standard input.
  if (given === 0 && piped.length === 0) throw unclear("no code is given");
  return checkCode(piped);
}

function unclear(why: string): GradError {
  return new GradError("usage", `Cannot choose the code to run: ${why}`, {
    hint:
      'Use exactly one of a file (`gractl run analysis.py`), `--code "print(1)"` and `-` (standard input).',
  });
}

function isNotebook(path: string): boolean {
  return path.toLowerCase().endsWith(".ipynb");
}

/** How many bytes of a file are read: a notebook has its pictures in it, too. */
export function maxFileBytes(path: string): number {
  return isNotebook(path) ? MAX_NOTEBOOK_BYTES : MAX_CODE_BYTES;
}

const MAX_NOTEBOOK_BYTES = 64 * 2 ** 20;

async function readFile(
  path: string,
  { readers, isOperand }: { readers: CodeReaders; isOperand: boolean },
): Promise<Uint8Array> {
  try {
    return await readers.readFile(path);
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound || thrown instanceof Deno.errors.NotADirectory) {
      throw new GradError("file_not_found", `Cannot read ${quoted(path)}: there is no such file`, {
        hint: isOperand && looksLikeCode(path)
          ? `To run it as code, write it behind --code: ${shellCommand`gractl run --code ${path}`}`
          : "Check the path.",
      });
    }
    if (thrown instanceof Deno.errors.IsADirectory) {
      throw new GradError("invalid_argument", `Cannot run ${quoted(path)}: it is a folder`, {
        hint: "Name a file with code.",
      });
    }
    throw thrown;
  }
}

/** Has a character that code has and names of files seldom have. */
function looksLikeCode(text: string): boolean {
  return /[\s()=+*,;'"]/.test(text) || /^\d+$/.test(text);
}

function quoted(path: string): string {
  return JSON.stringify(path.slice(0, 200));
}

/** Decodes code. @throws {GradError} `invalid_code` */
export function checkCode(bytes: Uint8Array): string {
  const refuse = (why: string, hint?: string) =>
    new GradError("invalid_code", `Cannot run the code: ${why}`, { hint });
  if (bytes.length > MAX_CODE_BYTES) {
    throw refuse(
      `it is longer than ${MAX_CODE_BYTES} bytes`,
      "Put large data in a file with `gractl file put`.",
    );
  }
  const nul = bytes.indexOf(0);
  if (nul >= 0) throw refuse(`it has a NUL byte at offset ${nul}`);
  let code: string;
  try {
    code = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw refuse("it is not UTF-8", "Save the file as UTF-8.");
  }
  if (code.trim() === "") throw refuse("it is empty", "Provide at least one statement.");
  return code;
}
