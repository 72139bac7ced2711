import type { CallContext } from "../auth/call_context.ts";
import type { Clock } from "../../shared/clock.ts";
import { attach, checkDatasets, refusal } from "../datasets/attach.ts";
import type { Dataset } from "../agent/dataset.ts";
import type { Components } from "../runners/backend.ts";
import type { RunnerManager } from "../runners/manager.ts";
import { executionId } from "../runners/names.ts";
import { isUnavailable } from "../runners/reach.ts";
import type { RunnerRecord, RunnerRef, RunnerSpec } from "../runners/runner.ts";
import type { CodeRequest, Executed, ReadRequest } from "../agent/agent.ts";
import { checkBounds, checkCodeRequest } from "./check_request.ts";
import type { EventBatch } from "../agent/event.ts";
import type { Execution } from "../agent/execution.ts";

/** Code with everything around it: where it runs, and on which data. */
export type ExecuteRequest = Readonly<{
  runner: RunnerRef;
  spec: RunnerSpec | undefined;
  code: CodeRequest;
  datasets: Dataset[];
  /** Empty means all of `datasets`. */
  required: readonly string[];
}>;

/** An execution with the runner that it belongs to, which the agent does not know by name. */
export type OwnedExecution = Execution & Readonly<{ runner: RunnerRef }>;

/** How long the same key is tried again while the runner's components come and go. */
const RETRY_MS = 15_000;
const RETRY_PAUSE_MS = 100;
const DEFAULT_LIST = 50;
const MAX_LIST = 1_000;

/** Runs code in runners and reads what became of it. */
export class Executions {
  readonly #runners: RunnerManager;
  readonly #clock: Clock;

  constructor(runners: RunnerManager, clock: Clock) {
    this.#runners = runners;
    this.#clock = clock;
  }

  /**
   * Makes or finds the runner, attaches the datasets, hands the code to the agent. Repeats itself with the same key while components
   * are restarted: the agent runs a key once.
   */
  async execute(
    context: CallContext,
    request: ExecuteRequest,
  ): Promise<Executed & Readonly<{ execution: OwnedExecution }>> {
    const { signal } = context;
    const code = checkCodeRequest(request.code);
    checkDatasets(request.datasets, request.required);
    const endsAt = this.#clock.now() + RETRY_MS;
    for (;;) {
      const { record, components } = await this.#runners.ensure(context, request.runner, request.spec);
      try {
        await this.#attach(record, components, request, signal);
        const { execution, ...batch } = await components.agent.execute(code, signal);
        return { execution: { ...execution, runner: record.ref }, ...batch };
      } catch (thrown) {
        if (!isUnavailable(thrown) || signal.aborted || this.#clock.now() >= endsAt) throw thrown;
        this.#runners.invalidate(record.id);
      }
      await this.#clock.sleep(RETRY_PAUSE_MS, signal);
    }
  }

  async readEvents(context: CallContext, request: ReadRequest): Promise<EventBatch> {
    const record = await this.#runners.find.ofExecution(context, request.executionId);
    const bounded = { ...request, ...checkBounds(request) };
    return await this.#runners.reach(
      context,
      record,
      ({ agent }) => agent.readEvents(bounded, context.signal),
    );
  }

  async get(context: CallContext, id: string): Promise<OwnedExecution> {
    const record = await this.#runners.find.ofExecution(context, id);
    const execution = await this.#runners.reach(
      context,
      record,
      ({ agent }) => agent.getExecution(id, context.signal),
    );
    return { ...execution, runner: record.ref };
  }

  async list(
    context: CallContext,
    request: { runner: RunnerRef; session: string; limit: number },
  ): Promise<OwnedExecution[]> {
    const record = await this.#runners.find.existing(context, request.runner);
    const asked = { session: request.session, limit: Math.min(request.limit || DEFAULT_LIST, MAX_LIST) };
    const found = await this.#runners.reach(
      context,
      record,
      ({ agent }) => agent.listExecutions(asked, context.signal),
    );
    return found.map((execution) => ({ ...execution, runner: record.ref }));
  }

  async interrupt(context: CallContext, id: string): Promise<OwnedExecution> {
    const record = await this.#runners.find.ofExecution(context, id);
    const execution = await this.#runners.reach(
      context,
      record,
      ({ agent }) => agent.interruptExecution(id, context.signal),
    );
    return { ...execution, runner: record.ref };
  }

  async #attach(
    record: RunnerRecord,
    components: Components,
    request: ExecuteRequest,
    signal: AbortSignal,
  ): Promise<void> {
    const { datasets, required, code } = request;
    // Also an empty set, every time: only the data component knows what another grad has attached since, and a set that it has
    // already costs it nothing.
    const done = this.#runners.tell(record, "mounting datasets");
    const attached = await attach(components.data, datasets, signal).finally(done);
    const refused = refusal(attached, required.length > 0 ? required : datasets.map(({ name }) => name));
    if (refused === undefined) return;
    // The key of an execution that exists is answered with it, whatever its datasets have become since.
    const id = executionId(record.id, code.idempotencyKey);
    const exists = await components.agent.getExecution(id, signal).then(() => true, () => false);
    if (!exists) throw refused;
  }
}
