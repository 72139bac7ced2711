/** Processes of this machine, as a dependency. */
export interface Processes {
  /** Starts a program in a session of its own, all output appended to `logFile`; `env` is added to ours. */
  detach(
    command: readonly string[],
    options: { logFile: string; env: Readonly<Record<string, string>> },
  ): { pid: number; ended: Promise<number> };
  /** Runs a program to its end. Never throws for what the program does; `exitCode` 127 when there is no such program. */
  run(
    command: readonly string[],
    signal: AbortSignal,
  ): Promise<{ exitCode: number; stdout: string; stderr: string }>;
  kill(pid: number, signal: "SIGTERM" | "SIGKILL"): void;
  /** When the process began, in the machine's own count, or `undefined` when there is none: tells a reused id. */
  startedAt(pid: number): Promise<string | undefined>;
}

export const systemProcesses: Processes = {
  detach([program = "", ...args], { logFile, env }) {
    // The shell opens the log: a pipe to us would end with us. `exec` keeps the process id.
    const child = new Deno.Command("setsid", {
      args: [
        "sh",
        "-c",
        'log=$1; shift; exec "$@" >>"$log" 2>&1 </dev/null',
        "sh",
        logFile,
        program,
        ...args,
      ],
      env: { ...env },
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    child.unref();
    return { pid: child.pid, ended: child.status.then((status) => status.code) };
  },
  async run([program = "", ...args], signal) {
    try {
      const command = new Deno.Command(program, {
        args,
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
        signal,
      });
      const { code, stdout, stderr } = await command.output();
      const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
      return { exitCode: code, stdout: text(stdout), stderr: text(stderr) };
    } catch (thrown) {
      if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
      return { exitCode: 127, stdout: "", stderr: `${program}: not found` };
    }
  },
  kill(pid, signal) {
    try {
      Deno.kill(pid, signal);
    } catch (thrown) {
      if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
    }
  },
  async startedAt(pid) {
    // By `cat`: Deno lets only programs with every permission read /proc.
    const { stdout } = await this.run(["cat", `/proc/${pid}/stat`], new AbortController().signal);
    // The name, in brackets, may have spaces and brackets; field 22 is the start, field 3, the first after it, the state.
    const fields = stdout.slice(stdout.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : fields[19];
  },
};
