import type { Agent } from "../agent/agent.ts";
import type { DataComponent } from "../agent/data_component.ts";
import type { RunnerRecord } from "./runner.ts";

/** Where records live. What the machine's state is, never what it was: nothing is cached. */
export interface RunnerRecords {
  /** Writes the record unless there is one of its id; true when it was written. Of two callers one wins. */
  create(record: RunnerRecord): Promise<boolean>;
  read(id: string): Promise<RunnerRecord | undefined>;
  list(): Promise<readonly RunnerRecord[]>;
  /** Writes the record if the stored one has revision `record.revision - 1`; true when it was written. */
  replace(record: RunnerRecord): Promise<boolean>;
  /** Forgets the record; succeeds when there is none. */
  remove(id: string): Promise<void>;
}

/** One component as its init sees it. */
export type ComponentHealth = Readonly<{ name: string; alive: boolean; restarts: number; lastExit: string }>;

/** The two components that grad talks to. */
export type Components = Readonly<{ agent: Agent; data: DataComponent }>;

/** Somewhere runners can live. Every method is idempotent, so a caller may retry any of them. */
export interface RunnerBackend {
  readonly name: "local" | "kubernetes" | "memory";
  /**
   * Brings the runner's components up over its files, unless they are up. They may not answer yet when it returns.
   * @throws {GradError} `sandbox_unavailable`, `runner_failed`
   */
  start(record: RunnerRecord): Promise<void>;
  /** The components' state, asked for now; `undefined` when they are down. */
  inspect(id: string): Promise<readonly ComponentHealth[] | undefined>;
  /** Ways to talk to the components; makes no connection by itself and never fails. */
  components(id: string): Components;
  /** Ends the components and whatever runs in them, keeps the files. Legal in every state. */
  stop(id: string): Promise<void>;
  /** Deletes the files of a runner whose components have been stopped. */
  deleteFiles(id: string): Promise<void>;
  /** For messages: the last lines that a component logged; may be empty. */
  logTail(id: string, component: string): Promise<string>;
}
