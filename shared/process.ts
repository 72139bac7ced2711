import { messageOf } from "./errors.ts";

/** Child processes as a dependency: argument arrays only, never a shell's text. */
export type Finished = Readonly<{ exitCode: number; stdout: string; stderr: string }>;

export interface Processes {
  /** Runs a program to its end. A program that cannot be started at all ends with 127 and the reason on stderr. */
  run(argv: readonly string[], options?: RunOptions): Promise<Finished>;
  /**
   * Starts a program that outlives us: a session of its own, nothing on stdin, output appended to `log`. Answers its pid, which is
   * that of the program itself.
   */
  startDetached(
    argv: readonly string[],
    options: Readonly<{ env: Readonly<Record<string, string>>; log: string }>,
  ): Promise<number>;
}

export type RunOptions = Readonly<{ env?: Readonly<Record<string, string>>; signal?: AbortSignal }>;

export const systemProcesses: Processes = {
  async run(argv, options = {}) {
    const { env, signal } = options;
    try {
      const command = new Deno.Command(argv[0]!, {
        args: argv.slice(1),
        stdin: "null",
        ...(env ? { env: { ...env }, clearEnv: true } : {}),
        ...(signal ? { signal } : {}),
      });
      const { code, stdout, stderr } = await command.output();
      const text = new TextDecoder();
      return { exitCode: code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
    } catch (thrown) {
      if (signal?.aborted) throw signal.reason;
      return { exitCode: 127, stdout: "", stderr: messageOf(thrown) };
    }
  },
  async startDetached(argv, { env, log }) {
    // Opened before the program starts, so that a folder that is missing is our error and not the program's silence.
    (await Deno.open(log, { create: true, append: true, mode: 0o600 })).close();
    // The shell only redirects and becomes setsid, which becomes the program: one pid all the way.
    // Nor does it write core files, which would hold its memory.
    const script = 'ulimit -c 0; log=$1; shift; exec setsid "$@" >>"$log" 2>&1 </dev/null';
    const child = new Deno.Command("/bin/sh", {
      args: ["-c", script, "sh", log, ...argv],
      env: { ...env },
      clearEnv: true,
      cwd: "/",
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    child.unref();
    return child.pid;
  },
};
