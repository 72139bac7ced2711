import type { Clock } from "../../shared/clock.ts";
import { GradError } from "../../shared/errors.ts";
import { DEFAULT_LISTED_EXECUTIONS, MAX_LISTED_EXECUTIONS, MAX_WAIT_MS } from "../../shared/limits.ts";
import type { CodeRequest, Executed, ReadRequest } from "../agent/agent.ts";
import type { AttachedDataset, Dataset } from "../agent/dataset.ts";
import type { EventBatch } from "../agent/event.ts";
import type { Execution } from "../agent/execution.ts";
import type { CallContext } from "../auth/call_context.ts";
import { attach, checkDatasets, refusal, unavailable } from "../datasets/attach.ts";
import type { Components } from "../runners/backend.ts";
import { executionId } from "../runners/names.ts";
import { isUnavailable } from "../runners/reach.ts";
import type { RequestedRef, RunnerRecord, RunnerRef, RunnerSpec } from "../runners/runner.ts";
import type { RunnerService } from "../runners/service.ts";
import { checkBounds, checkCodeRequest } from "./check_request.ts";

/** Code with everything around it: where it runs, and on which data. */
export type ExecuteRequest = Readonly<{
  runner: RequestedRef;
  spec: RunnerSpec | undefined;
  code: CodeRequest;
  datasets: readonly Dataset[];
  /** Names out of `datasets` without which the code does not start. */
  required: readonly string[];
  /** What is mounted beside `datasets` stays. Without any `datasets` the mounts are left as they are. */
  keepOtherDatasets: boolean;
  /** The runner is not made where there is none. */
  existingRunner?: boolean | undefined;
}>;

/** `unavailable` are those of the call's datasets that code cannot read for now. */
type Attached = Readonly<{ version: string; unavailable: readonly AttachedDataset[] }>;
/** No version: the agent compares nothing. */
const LEFT_AS_THEY_ARE: Attached = { version: "", unavailable: [] };

/** An execution with the runner that it belongs to, which the agent does not know by name. */
export type OwnedExecution = Execution & Readonly<{ runner: RunnerRef }>;

/** How long the same key is tried again while the runner's components come and go. */
const RETRY_MS = 15_000;
const RETRY_PAUSE_MS = 100;

/** Runs code in runners and reads what became of it. */
export class Executions {
  readonly #runners: RunnerService;
  readonly #clock: Clock;
  /**
   * By runner: the version of "no datasets" that was applied last. Only a guess that saves a call, since another grad may have
   * attached datasets: the agent compares it with what is attached and refuses the code when it is wrong.
   */
  readonly #noDatasets = new Map<string, string>();

  constructor(runners: RunnerService, clock: Clock) {
    this.#runners = runners;
    this.#clock = clock;
  }

  /**
   * Makes or finds the runner, attaches the datasets, submits the code to the agent, which accepts it only while those datasets are
   * attached. Repeats itself with the same key while components are restarted, and when another call has attached other datasets
   * meanwhile: the agent runs a key once.
   */
  async execute(
    context: CallContext,
    request: ExecuteRequest,
  ): Promise<
    & Executed
    & Readonly<{ execution: OwnedExecution; resumed: boolean; unavailable: readonly AttachedDataset[] }>
  > {
    const { signal } = context;
    const code = checkCodeRequest(request.code);
    checkDatasets(request.datasets, request.required);
    const endsAt = this.#clock.now() + RETRY_MS;
    for (let verify = false, resumed = false;;) {
      const { runner, spec, existingRunner: existing } = request;
      const ensured = await this.#runners.ensure(context, runner, spec, { verify, existing });
      const { record, components } = ensured;
      resumed ||= ensured.resumed;
      const hasNone = request.datasets.length === 0 && !request.keepOtherDatasets;
      const guess = hasNone ? this.#noDatasets.get(record.id) : undefined;
      try {
        const attached = guess === undefined
          ? await this.#attach(record, components, request, signal)
          : { version: guess, unavailable: [] };
        const submitted = { ...code, datasetsVersion: attached.version };
        const { execution, ...batch } = await components.agent.execute(submitted, signal);
        const owned = { ...execution, runner: record.ref };
        return { execution: owned, ...batch, resumed, unavailable: attached.unavailable };
      } catch (thrown) {
        this.#noDatasets.delete(record.id);
        const changed = thrown instanceof GradError && thrown.code === "datasets_changed";
        if (changed && guess !== undefined) continue;
        if (!changed && !isUnavailable(thrown)) throw thrown;
        if (signal.aborted || this.#clock.now() >= endsAt) throw thrown;
        verify ||= !changed;
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
    request: { runner: RequestedRef; session: string; limit: number },
  ): Promise<OwnedExecution[]> {
    const record = await this.#runners.find.existing(context, request.runner);
    const asked = {
      session: request.session,
      limit: Math.min(request.limit || DEFAULT_LISTED_EXECUTIONS, MAX_LISTED_EXECUTIONS),
    };
    const found = await this.#runners.reach(
      context,
      record,
      ({ agent }) => agent.listExecutions(asked, context.signal),
    );
    return found.map((execution) => ({ ...execution, runner: record.ref }));
  }

  /** Interrupts the code, or with `force` ends its kernel; answers when it has ended, at the latest after `waitMs`. */
  async interrupt(
    context: CallContext,
    request: { executionId: string; force: boolean; waitMs: number },
  ): Promise<OwnedExecution> {
    const record = await this.#runners.find.ofExecution(context, request.executionId);
    const asked = { ...request, waitMs: Math.min(request.waitMs, MAX_WAIT_MS) };
    const execution = await this.#runners.reach(
      context,
      record,
      ({ agent }) => agent.interruptExecution(asked, context.signal),
    );
    return { ...execution, runner: record.ref };
  }

  /** Answers the version of what is attached now. */
  async #attach(
    record: RunnerRecord,
    components: Components,
    request: ExecuteRequest,
    signal: AbortSignal,
  ): Promise<Attached> {
    const { datasets, required, keepOtherDatasets: keepOthers, code } = request;
    if (datasets.length === 0 && keepOthers) return LEFT_AS_THEY_ARE;
    const done = this.#runners.report(record, "mounting_datasets");
    const applied = await attach(components.data, { datasets, required, keepOthers }, signal).finally(done);
    const { version } = applied;
    if (datasets.length === 0 && version !== "") this.#noDatasets.set(record.id, version);
    const attached = {
      version,
      unavailable: unavailable(applied.datasets, datasets.map(({ name }) => name)),
    };
    const refused = refusal(applied.datasets, required);
    if (refused === undefined) return attached;
    // The key of an execution that exists is answered with it, whatever its datasets have become since.
    const id = executionId(record.id, code.idempotencyKey);
    const exists = await components.agent.getExecution(id, signal).then(() => true, () => false);
    if (!exists) throw refused;
    return attached;
  }
}
