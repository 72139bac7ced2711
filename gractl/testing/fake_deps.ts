import { requireTrusted } from "../workspace/trust/require_trusted.ts";
import { fakeClock } from "../../shared/testing/fake_clock.ts";
import type { Kubectl } from "../auth/kubectl.ts";
import { fakeKubectl } from "../auth/testing/tokens.ts";
import { gradOfWorkspace } from "../auth/grad_of_workspace.ts";
import { targetNamed } from "../auth/target.ts";
import type { GradClient } from "../client/grad_client.ts";
import { type GivenOptions, globalOptions } from "../commands/global_options.ts";
import type { Deps } from "../deps.ts";
import type { LocalGrad } from "../local_grad/local_grad.ts";
import { createOutput } from "../ui/output.ts";
import { fakeIds } from "../workspace/testing/temp_dir.ts";
import { trustingAll } from "../workspace/trust/testing/memory_trust.ts";
import type { Trust } from "../workspace/trust/trust.ts";
import { ownersFor } from "../workspace/ownership.ts";
import { openWorkspace } from "../workspace/workspace.ts";
import { fakeGrad } from "./fake_grad.ts";

export type Circumstances = Readonly<{
  cwd?: string;
  env?: Readonly<Record<string, string>>;
  /** The user who runs gractl (default: the one who runs the test). */
  uid?: number;
  /** The grad that commands connect to; without it every call fails the test. */
  client?: GradClient;
  /** The grad of this machine; without it asking for it fails the test. */
  localGrad?: Partial<LocalGrad>;
  /** kubectl; without it every call fails the test. */
  kubectl?: Kubectl;
  /** How servers of the network are reached; without it every try fails the test. */
  dialNetwork?: Deps["dialNetwork"];
  /** Standard output and error are terminals. */
  terminal?: boolean;
  /** What is piped to standard input; without it that is a terminal. */
  stdin?: Uint8Array;
  /** What the user trusts (default: everything). */
  trust?: Trust;
  /** What the user types when asked; without it there is no terminal to ask on. */
  answer?: string;
}>;

export type FakeDeps = Deps & {
  readonly text: { stdout: string; stderr: string };
  readonly clock: ReturnType<typeof fakeClock>;
  /** The global options of the command line. */
  given: GivenOptions;
  /** The exit code that the command asked for. */
  exit: number;
  /** Acts like Ctrl-C. */
  interrupt(): void;
};

/** Dependencies of commands in memory, except files: output is collected, the clock is a fake, grad is a fake. */
export function fakeDeps(circumstances: Circumstances = {}): FakeDeps {
  const { cwd = "/nowhere", env = {}, client = fakeGrad(), terminal = false, stdin } = circumstances;
  const {
    kubectl = fakeKubectl(),
    dialNetwork = () => Promise.reject(new Error("Dialled a server, which this test does not expect")),
  } = circumstances;
  const { localGrad, uid = Deno.uid() ?? 0, trust = trustingAll(), answer } = circumstances;
  const text = { stdout: "", stderr: "" };
  const sink = (name: "stdout" | "stderr") => {
    const decoder = new TextDecoder();
    const writeSync = (bytes: Uint8Array) => {
      text[name] += decoder.decode(bytes, { stream: true });
      return bytes.length;
    };
    return {
      stream: () => undefined,
      isTerminal: () => terminal,
      columns: () => 80,
      writeSync,
      write: (bytes: Uint8Array) => Promise.resolve(writeSync(bytes)),
    };
  };
  const handlers: (() => void)[] = [];
  const deps: FakeDeps = {
    text,
    given: {},
    exit: 0,
    env,
    cwd,
    uid,
    clock: fakeClock(Date.parse("2026-11-23T12:00:00.000Z")),
    ids: fakeIds(),
    out: createOutput({ stdout: sink("stdout"), stderr: sink("stderr") }),
    signal: new AbortController().signal,
    options: () => globalOptions(deps.given, env),
    workspace: () =>
      openWorkspace({
        cwd,
        explicit: deps.options().workspace,
        home: env["HOME"],
        owners: ownersFor(uid, env),
      }),
    async trustedWorkspace() {
      const workspace = await deps.workspace();
      await requireTrusted(workspace, { trust, grad: deps.options().context === undefined });
      return workspace;
    },
    trust: () => trust,
    async target(where) {
      const name = deps.options().context ?? await gradOfWorkspace(deps, where);
      return await targetNamed(name, { env, uid });
    },
    kubectl: () => kubectl,
    dialNetwork: (...dialled) => dialNetwork(...dialled),
    tokens: () => Promise.reject(new Error("Asked for tokens, which this test does not expect")),
    connect: () => Promise.resolve(client),
    localGrad: () => {
      if (localGrad !== undefined) return localGrad as LocalGrad;
      throw new Error("Asked for the local grad, which this test does not expect");
    },
    onInterrupt(handler) {
      handlers.push(handler);
      return { [Symbol.dispose]: () => void handlers.pop() };
    },
    interrupt: () => handlers.at(-1)?.(),
    stdinIsPiped: () => stdin !== undefined,
    readStdin: () => Promise.resolve(stdin ?? new Uint8Array()),
    ask: (question) => {
      if (answer !== undefined) text.stderr += question;
      return Promise.resolve(answer);
    },
    endWith: (exit) => deps.exit = exit,
  };
  return deps;
}
