/** Runners of a `clusterWorld()`, whose agents and containers a test drives by itself. */
import { systemClock } from "../../../shared/clock.ts";
import type { Components } from "../../../grad/runners/backend.ts";
import type { Instance } from "../../../grad/runners/testing/backend_contract.ts";
import { aRecord } from "../../../grad/runners/testing/records.ts";
import type { RecordSpec, RunnerRecord } from "../../../grad/runners/runner.ts";
import { waitUntilReady } from "../../../grad/runners/wait_until_ready.ts";
import { kubectl } from "./cluster.ts";

export type StartedRunner = Readonly<{
  record: RunnerRecord;
  components: Components;
  /** Of the pod. */
  address: string;
  /** Runs Python in the default session to its end; what it prints, and the message of its error. */
  code(text: string): Promise<string>;
  /** Runs a program in a container by the kubelet, which is under none of our protections; what it prints. */
  exec(container: string, ...argv: readonly string[]): Promise<string>;
  /** The same for Python code. */
  python(container: string, text: string): Promise<string>;
}>;

const signal = new AbortController().signal;

/** Makes the runner `name` in the namespace, and waits until it is ready. */
export async function startRunner(
  { backend }: Instance,
  namespace: string,
  name: string,
  spec: Partial<RecordSpec> = {},
): Promise<StartedRunner> {
  const record = aRecord({ name, spec, status: { phase: "creating" } });
  await backend.apply(record, signal);
  await waitUntilReady(backend, record, { clock: systemClock, signal, report: () => Promise.resolve() });
  const components = await backend.connect(record);
  const address = await kubectl("get", "pod", record.id, "-n", namespace, "-o", "jsonpath={.status.podIP}");
  const exec = (container: string, ...argv: readonly string[]) =>
    kubectl("exec", "-n", namespace, record.id, "-c", container, "--", ...argv);
  return {
    record,
    components,
    address,
    code: (text) => runCode(components, text),
    exec,
    python: (container, text) => exec(container, "python3", "-c", text),
  };
}

/** Runs code in the session `default`; what it prints, and the message of its error. */
export async function runCode({ agent }: Components, code: string): Promise<string> {
  const answer = await agent.execute({
    session: "default",
    kernel: "",
    paramsJson: "",
    codeName: "",
    columns: 0,
    deadlineMs: 60_000,
    waitMs: 60_000,
    maxBytes: 1 << 20,
    datasetsVersion: "",
    idempotencyKey: crypto.randomUUID(),
    code,
  }, signal);
  let { nextSeq, done } = answer;
  const all = [...answer.events];
  while (!done) {
    const from = { executionId: answer.execution.id, fromSeq: nextSeq, waitMs: 20_000, maxBytes: 1 << 20 };
    const more = await agent.readEvents(from, signal);
    ({ nextSeq, done } = more);
    all.push(...more.events);
  }
  const decoder = new TextDecoder();
  return all.map(({ kind }) => {
    if (kind?.$case === "stdout" || kind?.$case === "stderr") return decoder.decode(kind.value.data);
    return kind?.$case === "error" ? `${kind.value.name}: ${kind.value.message}\n` : "";
  }).join("");
}
