import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { ERROR_CODES } from "../../../shared/error_codes.ts";
import type { GradClient } from "../../client/grad_client.ts";
import type { Deps } from "../../deps.ts";
import { createOutput, type Format } from "../../ui/output.ts";
import { asGradError, errorFields, renderError } from "../../ui/render_error.ts";
import { openWorkspace } from "../../workspace/workspace.ts";

export type Ran = Readonly<{
  exit: number;
  stdout: string;
  stderr: string;
  /** Standard output as the one JSON document that it is to be. */
  json(): Record<string, unknown> & { error?: { code: string; message: string; hint: string } };
}>;

export type Circumstances = Readonly<{
  cwd: string;
  env?: Readonly<Record<string, string>>;
  format?: Format;
  /** The grad that there is; without it none runs, and connecting fails the test. */
  client?: GradClient;
  address?: string;
}>;

/** Runs one command as `gractl` would, without a process, on the real file system. */
export async function runCommand(
  build: (deps: Deps) => CommandUnknownOpts,
  args: readonly string[],
  { cwd, env = {}, format = "text", client, address = "local" }: Circumstances,
): Promise<Ran> {
  const text = { stdout: "", stderr: "" };
  const sink = (name: "stdout" | "stderr") => {
    const decoder = new TextDecoder();
    const writeSync = (bytes: Uint8Array) => {
      text[name] += decoder.decode(bytes, { stream: true });
      return bytes.length;
    };
    return {
      isTerminal: () => false,
      columns: () => 80,
      writeSync,
      write: async (bytes: Uint8Array) => await writeSync(bytes),
    };
  };
  const out = createOutput({ stdout: sink("stdout"), stderr: sink("stderr") });
  out.configure({ format, color: false, quiet: false });
  let next = 0;
  const deps = {
    env,
    cwd,
    ids: { random: (length: number) => "abcdefghijklmnopqrstuvwxyz"[next++ % 26]!.repeat(length) },
    out,
    signal: new AbortController().signal,
    options: () => ({ workspace: undefined, address: undefined }),
    workspace: () => openWorkspace({ cwd, home: env["HOME"] }),
    address: () => Promise.resolve(address),
    connect: () =>
      client === undefined ? Promise.reject(new Error("Connected to no grad")) : Promise.resolve(client),
    localGrad: () => ({ status: () => Promise.resolve({ running: client !== undefined }) }),
  } as unknown as Deps;
  let exit = 0;
  try {
    const command = build(deps).exitOverride().configureOutput({ writeErr: () => {} });
    await command.parseAsync([...args], { from: "user" });
  } catch (thrown) {
    const error = asGradError(thrown);
    exit = ERROR_CODES[error.code].exit;
    if (format === "text") out.warn(renderError(error, out.errorStyle));
    else out.document("Error", errorFields(error), () => "");
  }
  return { exit, ...text, json: () => JSON.parse(text.stdout) };
}
