import { GradError } from "../../shared/errors.ts";
import { MAX_CODE_BYTES } from "../../shared/limits.ts";

/** The options of execute-code that name the code. */
export type CodeOptions = Readonly<{
  code: string | undefined;
  file: string | undefined;
  /** The positional argument: "-", for standard input, or nothing. */
  operand: string | undefined;
}>;

export type CodeReaders = Readonly<{
  /** @throws {Deno.errors} like `Deno.readFile` */
  readFile(path: string): Promise<Uint8Array>;
  readStdin(maxBytes: number): Promise<Uint8Array>;
}>;

/**
 * Reads the code and checks it like the runner, so that invalid code fails before anything is started.
 *
 * @throws {GradError} `usage`, `file_not_found`, `invalid_code`
 */
export async function readCode(options: CodeOptions, readers: CodeReaders): Promise<string> {
  const { code, file, operand } = options;
  const given = [code, file, operand].filter((value) => value !== undefined).length;
  if (given !== 1) {
    throw new GradError(
      "usage",
      `Cannot choose the code to run: ${given === 0 ? "no code is given" : "it is given more than once"}`,
      {
        hint: 'Use exactly one of `--code "print(1)"`, `--file analysis.py` and `-` (standard input).',
      },
    );
  }
  if (code !== undefined) return checkCode(new TextEncoder().encode(code));
  if (operand !== undefined && operand !== "-") {
    throw new GradError(
      "usage",
      `Cannot use the argument ${JSON.stringify(operand.slice(0, 80))}: only "-" is allowed`,
      {
        hint: "Use `--file` for a file or `--code` for code.",
      },
    );
  }
  if (operand === "-" || file === "-") return checkCode(await readers.readStdin(MAX_CODE_BYTES + 1));
  return checkCode(await readFile(file!, readers));
}

async function readFile(path: string, readers: CodeReaders): Promise<Uint8Array> {
  try {
    return await readers.readFile(path);
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound || thrown instanceof Deno.errors.NotADirectory) {
      throw new GradError("file_not_found", `Cannot read "${path}": there is no such file`, {
        hint: "Check the path given to --file.",
      });
    }
    if (thrown instanceof Deno.errors.IsADirectory) {
      throw new GradError("invalid_argument", `Cannot read "${path}": it is a folder`, {
        hint: "Check the path given to --file.",
      });
    }
    throw thrown;
  }
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
