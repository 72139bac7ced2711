import type { Clock } from "../../shared/clock.ts";
import { GradError } from "../../shared/errors.ts";
import { shellCommand } from "../../shared/shell_quote.ts";
import { nearest } from "../../shared/yaml/nearest.ts";
import type { CallContext, Caller } from "../auth/call_context.ts";
import type { RunnerBackend } from "./backend.ts";
import { type IdleLimits, NO_IDLE_LIMITS } from "./idle.ts";
import { runnerId, runnerOfExecution } from "./names.ts";
import { isForgotten, type RequestedRef, type RunnerRecord } from "./runner.ts";
import type { RunnerStore } from "./store.ts";
import { type RunnerView, viewRecord, viewRunner } from "./view.ts";

export type FinderOptions = Readonly<
  { store: RunnerStore; backend: RunnerBackend; clock: Clock; idle?: IdleLimits }
>;

/** Which of the caller's runners: an empty workspace id means all workspaces. */
export type Selection = Readonly<{
  workspaceId: string;
  includeEnded: boolean;
  /** The runners of all owners: for admins. */
  allOwners?: boolean | undefined;
}>;

/** Finds the caller's runners and shows them. Starts and changes nothing. */
export class RunnerFinder {
  readonly #options: FinderOptions;

  constructor(options: FinderOptions) {
    this.#options = options;
  }

  /** The runner of that name, also an ended one. @throws {GradError} `runner_not_found`, `permission_denied` */
  async any({ caller }: CallContext, ref: RequestedRef): Promise<RunnerRecord> {
    const stored = await this.#options.store.get(runnerId(requestedOwner(caller, ref), ref));
    if (stored !== undefined && !isForgotten(stored.record, this.#options.clock.now())) {
      return authorize(stored.record, caller);
    }
    const others = (await this.#select({ caller }, { workspaceId: ref.workspaceId, includeEnded: false }))
      .map((record) => record.ref.name);
    const close = nearest(ref.name, others);
    throw new GradError(
      "runner_not_found",
      `Cannot find the runner "${ref.name}" in workspace ${ref.workspaceId}`,
      {
        hint: close === undefined
          ? `\`gractl runner list\` shows the runners; ${shellCommand`gractl runner create ${ref.name}`} makes this one.`
          : `Did you mean "${close}"? Otherwise ${shellCommand`gractl runner create ${ref.name}`} makes the runner.`,
      },
    );
  }

  /** The living runner of that name, whatever its components do. @throws {GradError} `runner_not_found` */
  async existing(context: CallContext, ref: RequestedRef): Promise<RunnerRecord> {
    const record = await this.any(context, ref);
    const { phase, tombstone } = record.status;
    if (phase !== "destroyed") return record;
    const ended = new Date(tombstone?.endedAtMs ?? 0).toISOString();
    throw new GradError(
      "runner_not_found",
      `Cannot use the runner "${ref.name}": it was ${tombstone?.reason ?? "destroyed"} at ${ended}`,
      { hint: `${shellCommand`gractl runner create ${ref.name}`} makes a new one of that name.` },
    );
  }

  /** The living runner that an execution's id names. @throws {GradError} `execution_not_found`, `permission_denied` */
  async ofExecution({ caller }: CallContext, executionId: string): Promise<RunnerRecord> {
    const stored = await this.#options.store.get(runnerOfExecution(executionId));
    if (stored === undefined || stored.record.status.phase === "destroyed") {
      throw new GradError(
        "execution_not_found",
        `Cannot find the execution "${executionId}": its runner is gone`,
        { hint: "Run `gractl runner list` for the runners that there are." },
      );
    }
    return authorize(stored.record, caller);
  }

  async view(context: CallContext, ref: RequestedRef): Promise<RunnerView> {
    return await this.viewOf(context, await this.any(context, ref));
  }

  viewOf({ signal }: CallContext, record: RunnerRecord): Promise<RunnerView> {
    const { backend, clock, idle = NO_IDLE_LIMITS } = this.#options;
    return viewRunner(backend, record, { signal, idle, nowMs: clock.now() });
  }

  async list(context: CallContext, which: Selection): Promise<readonly RunnerView[]> {
    const mine = await this.#select(context, which);
    return await Promise.all(mine.map((record) => this.viewOf(context, record)));
  }

  /** As {@link list}, by the records alone. */
  async listRecorded(context: CallContext, which: Selection): Promise<readonly RunnerView[]> {
    const { backend, clock, idle = NO_IDLE_LIMITS } = this.#options;
    const nowMs = clock.now();
    return (await this.#select(context, which)).map((record) => viewRecord(backend, record, { idle, nowMs }));
  }

  async #select({ caller }: Pick<CallContext, "caller">, which: Selection): Promise<readonly RunnerRecord[]> {
    const { store, clock } = this.#options;
    if (which.allOwners && !caller.isAdmin) throw notAdmin("Cannot list the runners of all owners");
    return (await store.list()).map(({ record }) => record).filter((record) =>
      (which.allOwners || record.owner === caller.owner) && !isForgotten(record, clock.now()) &&
      (which.workspaceId === "" || record.ref.workspaceId === which.workspaceId) &&
      (which.includeEnded || record.status.phase !== "destroyed")
    ).sort((a, b) => compare(a.ref.name, b.ref.name) || compare(a.owner, b.owner) || compare(a.id, b.id));
  }
}

/** Whose runner a call is about. @throws {GradError} `permission_denied` where it is another owner's and the caller is no admin */
export function requestedOwner(caller: Caller, { owner = caller.owner }: RequestedRef): string {
  if (owner === caller.owner || caller.isAdmin) return owner;
  throw notAdmin("Cannot use the runner of another owner");
}

function notAdmin(what: string): GradError {
  return new GradError("permission_denied", `${what}: only an admin can`, {
    hint: "Ask whoever runs grad to do it: `admins` of its configuration names the groups that may.",
  });
}

/** The record, for its owner and for admins. @throws {GradError} `permission_denied` */
export function authorize(record: RunnerRecord, caller: Caller): RunnerRecord {
  if (record.owner === caller.owner || caller.isAdmin) return record;
  throw new GradError("permission_denied", `Cannot use the runner ${record.id}: it belongs to another owner`);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
