import type { Backend } from "./backend.ts";
import { program } from "./gractl.ts";
import { type Ended, start } from "./process.ts";

/** gractl on a real terminal (a pty that `script` makes): what is typed, also Ctrl-C, goes through the terminal driver of the kernel. */
export type Terminal = Readonly<{
  saw(pattern: RegExp): Promise<void>;
  type(keys: string): Promise<void>;
  ended: Promise<Ended>;
}>;

export function inTerminal(backend: Backend, args: readonly string[], cwd: string): Terminal {
  return commandInTerminal(backend, [...program("gractl"), ...args], cwd);
}

/** Any other program on a real terminal. */
export function commandInTerminal(backend: Backend, command: readonly string[], cwd: string): Terminal {
  const quoted = command.map((arg) => `'${arg.replaceAll("'", `'\\''`)}'`).join(" ");
  const keys = new TransformStream<Uint8Array, Uint8Array>();
  const writer = keys.writable.getWriter();
  const running = start(["script", "--quiet", "--return", "--flush", "--command", quoted, "/dev/null"], {
    cwd,
    env: { ...backend.env, SHELL: "/bin/sh", TERM: "xterm" },
    stdin: keys.readable,
  });
  return {
    saw: (pattern) => running.saw(pattern),
    async type(text) {
      await writer.write(new TextEncoder().encode(text));
    },
    ended: running.ended.finally(() => writer.close().catch(() => {})),
  };
}
