import assert from "node:assert/strict";
import { ErrorInfo } from "../proto/gen/google/rpc/error_details.ts";
import { Status } from "../proto/gen/google/rpc/status.ts";
import { ERROR_CODES, type ErrorCode } from "./error_codes.ts";
import { GradError } from "./errors.ts";
import { decodeError, encodeError } from "./wire_error.ts";

const ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo";

for (const hint of ["見る `gractl dataset list`.", undefined]) {
  Deno.test(`decodeError() gives back what encodeError() was given, in any script, with hint ${hint}`, () => {
    const error = new GradError("dataset_not_found", "Cannot find “flüge”", { hint });
    const { code, message, hint: back } = decodeError(encodeError(error).details)!;
    assert.deepEqual({ code, message, hint: back }, { code: error.code, message: error.message, hint });
  });
}

Deno.test("encodeError() writes what any gRPC tool can read", () => {
  const { code, message, details } = encodeError(new GradError("runner_busy", "Cannot", { hint: "Wait." }));
  const status = Status.decode(details);
  assert.deepEqual([code, message, status.code, status.message], [9, "Cannot", 9, "Cannot"]);
  assert.deepEqual(status.details.map(({ typeUrl }) => typeUrl), [ERROR_INFO]);
  assert.deepEqual(ErrorInfo.decode(status.details[0]!.value), {
    reason: "RUNNER_BUSY",
    domain: "grad",
    metadata: { hint: "Wait." },
  });
});

Deno.test("every code of the catalogue is a reason as AIP-193 wants it, and comes back", () => {
  for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) {
    assert.match(code.toUpperCase(), /^[A-Z][A-Z0-9_]{0,61}[A-Z0-9]$/);
    assert.equal(decodeError(encodeError(new GradError(code, "x")).details)?.code, code);
  }
});

for (const letter of ["x", "ü", "見", "🚀", "\ud83d"]) {
  Deno.test(`encodeError() keeps a huge error within 8 KiB of headers, and ${JSON.stringify(letter)} whole`, () => {
    const huge = `a${letter.repeat(100_000)}`;
    const { message, details } = encodeError(new GradError("internal", huge, { hint: huge }));
    const headers = encodeURIComponent(message).length + Math.ceil(details.length * 4 / 3);
    assert.ok(headers < 8_000, `${headers}`);
    const cut = decodeError(details)!;
    const whole = letter.isWellFormed() ? letter : "\ufffd";
    for (const text of [message, cut.message, cut.hint!]) {
      assert.match(text, new RegExp(`^a(${whole}){100,}…$`, "u"));
    }
  });
}

function statusWith(typeUrl: string, info: Partial<ErrorInfo>): Uint8Array {
  const value = ErrorInfo.encode(ErrorInfo.fromPartial(info)).finish();
  return Status.encode({ code: 5, message: "Cannot", details: [{ typeUrl, value }] }).finish();
}

const foreign: [what: string, details: Uint8Array][] = [
  ["nothing", new Uint8Array()],
  ["bytes that are no message", Uint8Array.of(123, 255)],
  ["a status without details", Status.encode({ code: 5, message: "no", details: [] }).finish()],
  ["another domain's ErrorInfo", statusWith(ERROR_INFO, { reason: "RUNNER_BUSY", domain: "googleapis.com" })],
  [
    "another message",
    statusWith("type.googleapis.com/google.rpc.Help", { reason: "RUNNER_BUSY", domain: "grad" }),
  ],
];
for (const [what, details] of foreign) {
  Deno.test(`decodeError() takes ${what} for no error of ours`, () => {
    assert.equal(decodeError(details), undefined);
  });
}

Deno.test("decodeError() keeps the sentence and hint of a code that a later version knows", () => {
  const error = decodeError(
    statusWith(ERROR_INFO, { reason: "OF_TOMORROW", domain: "grad", metadata: { hint: "Do." } }),
  );
  assert.deepEqual([error?.code, error?.message, error?.hint], ["internal", "Cannot", "Do."]);
});

Deno.test("encodeError() keeps a text of the bound whole, and one that is longer within it", () => {
  const bytes = (text: string) => new TextEncoder().encode(text).length;
  const max = bytes(encodeError(new GradError("internal", "x".repeat(100_000))).message);
  for (const text of ["x".repeat(max), `${"x".repeat(max - 2)}ü`]) {
    assert.equal(encodeError(new GradError("internal", text)).message, text);
  }
  const cut = encodeError(new GradError("internal", "x".repeat(max + 1))).message;
  assert.equal(cut, `${"x".repeat(max - bytes("…"))}…`);
  assert.equal(max, 1_200);
});
