import { fakeClock } from "../../shared/testing/fake_clock.ts";
import { run } from "../cli.ts";
import type { GradClient } from "../client/grad_client.ts";
import type { Deps } from "../deps.ts";
import { createOutput } from "../ui/output.ts";
import { openWorkspace } from "../workspace/workspace.ts";
import { fakeGrad } from "./fake_grad.ts";

export type Circumstances = Readonly<{
  cwd?: string;
  env?: Readonly<Record<string, string>>;
  client?: GradClient;
  /** Standard output and error are terminals. */
  terminal?: boolean;
  stdin?: Uint8Array;
}>;

export type FakeDeps = Deps & {
  readonly text: { stdout: string; stderr: string };
  readonly clock: ReturnType<typeof fakeClock>;
  /** What the command asked to end with. */
  exit: number;
  /** As if Ctrl-C were pressed. */
  interrupt(): void;
};

/** Everything a command needs, without a process: output is kept, time stands still, grad is a fake. */
export function fakeDeps(circumstances: Circumstances = {}): FakeDeps {
  const { cwd = "/nowhere", env = {}, client = fakeGrad(), terminal = false, stdin } = circumstances;
  const text = { stdout: "", stderr: "" };
  const sink = (name: "stdout" | "stderr") => {
    const decoder = new TextDecoder();
    const writeSync = (bytes: Uint8Array) => {
      text[name] += decoder.decode(bytes, { stream: true });
      return bytes.length;
    };
    return {
      isTerminal: () => terminal,
      columns: () => 80,
      writeSync,
      write: (bytes: Uint8Array) => Promise.resolve(writeSync(bytes)),
    };
  };
  const handlers: (() => void)[] = [];
  let next = 0;
  const deps: FakeDeps = {
    text,
    exit: 0,
    env,
    cwd,
    clock: fakeClock(Date.parse("2026-11-23T12:00:00.000Z")),
    ids: { random: (length) => "abcdefghijklmnopqrstuvwxyz"[next++ % 26]!.repeat(length) },
    out: createOutput({ stdout: sink("stdout"), stderr: sink("stderr") }),
    signal: new AbortController().signal,
    options: () => ({ workspace: undefined, address: undefined }),
    workspace: () => openWorkspace({ cwd, home: env["HOME"] }),
    address: () => Promise.resolve("local"),
    connect: () => Promise.resolve(client),
    localGrad: () => {
      throw new Error("Asked for the local grad, which this test does not expect");
    },
    processes: { run: () => Promise.resolve({ exitCode: 127, stdout: "", stderr: "not found" }) },
    onInterrupt(handler) {
      handlers.push(handler);
      return { [Symbol.dispose]: () => void handlers.pop() };
    },
    interrupt: () => handlers.at(-1)?.(),
    readStdin: () => Promise.resolve(stdin ?? new Uint8Array()),
    endWith: (exit) => deps.exit = exit,
  };
  return deps;
}

/** Runs a whole command line; answers with the exit code that gractl would have. */
export async function runWith(deps: FakeDeps, args: readonly string[]): Promise<number> {
  const failed = await run(args, deps, (given) => {
    const color = given.color === true;
    deps.out.configure({ format: given.output ?? "text", color, quiet: given.quiet ?? false });
  });
  return failed || deps.exit;
}
