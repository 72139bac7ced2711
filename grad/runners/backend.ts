import type { Agent } from "../agent/agent.ts";
import type { DataComponent } from "../agent/data_component.ts";
import type { RunnerRecord } from "./runner.ts";
import type { Reason, Stage } from "./stages.ts";

/** The two components that grad talks to. */
export type Components = Readonly<{ agent: Agent; data: DataComponent }>;

/** `failing`: a component ends again and again and will not stay up. */
export type ComponentsState = "absent" | "starting" | "running" | "failing" | "stopping";

/** The last lines that a component logged. */
export type ComponentLog = Readonly<{
  component: string;
  text: string;
  /** Of the component's process before its last restart. */
  previous: boolean;
}>;

/** The state of a runner's components, as the backend sees it at the time of the call. */
export type Observation = Readonly<{
  state: ComponentsState;
  stage: Stage;
  reason: Reason;
  /** Why it fails, for people; empty when it does not. */
  message: string;
  /** The image that the components run from; empty when the backend has no images. */
  image: string;
  /** Any text that changes whenever the stage makes progress: distinguishes a slow start from a stalled one. */
  progress: string;
}>;

export const ABSENT: Observation = {
  state: "absent",
  stage: "none",
  reason: "none",
  message: "",
  image: "",
  progress: "",
};

/**
 * Where runners are made. Every method is idempotent, so a caller may repeat it, and several instances of grad may call it at once
 * for the same runner.
 */
export interface RunnerBackend {
  readonly name: "local" | "kubernetes" | "memory";
  /** The names of a runner's components. */
  readonly components: readonly string[];
  /** How often to look at components that start, in milliseconds. */
  readonly pollMs: number;
  /** Whether components that ended without a request are started again without one. */
  readonly recreatesLost: boolean;
  /**
   * Starts the runner's components over its volume, unless they run; makes the volume if there is none. The components may not
   * answer yet when it returns.
   * @throws {GradError} `sandbox_unavailable`, `runner_failed`, or the signal's reason. What was begun stays until {@link stop}.
   */
  apply(record: RunnerRecord, signal: AbortSignal): Promise<void>;
  observe(id: string): Promise<Observation>;
  /** Ids of runners whose observation may have changed, until `signal` aborts. */
  watch(signal: AbortSignal): AsyncIterable<string>;
  /**
   * A way to talk to the components. Makes no connection by itself.
   * @throws {GradError} `runner_unavailable` where their address is not known yet
   */
  connect(record: RunnerRecord): Promise<Components>;
  /** Ends the components and whatever runs in them, keeps the volume. Succeeds when there are none. */
  stop(id: string): Promise<void>;
  /** Deletes the volume of a runner whose components have been stopped. Succeeds when there is none. */
  deleteVolume(id: string): Promise<void>;
  /** Ids of all runners of which something exists that is not being deleted: components, volume, certificate. */
  inventory(): Promise<readonly string[]>;
  /**
   * Deletes everything of a runner that has no record, if `isOrphan` still says so when nobody can make a runner of that id any more
   * without a new record. May leave that to the backend's own garbage collection.
   */
  removeOrphan(id: string, isOrphan: () => Promise<boolean>): Promise<void>;
  /** The last lines that a component logged, for messages; may be empty. */
  logs(id: string, component: string): Promise<string>;
  /** The last lines of one component, and of its process before its last restart where that is kept; none where it has no log. */
  readLogs(id: string, component: string, maxLines: number): Promise<readonly ComponentLog[]>;
}
