import type { Agent } from "../executions/agent.ts";
import type { DataRoom } from "../datasets/data_room.ts";
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

/** One room as its keeper sees it. */
export type RoomHealth = Readonly<{ name: string; alive: boolean; restarts: number; lastExit: string }>;

/** The two rooms that grad talks to. */
export type Rooms = Readonly<{ agent: Agent; data: DataRoom }>;

/** Somewhere runners can live. Every method is idempotent, so a caller may retry any of them. */
export interface RunnerBackend {
  readonly name: "local" | "kubernetes" | "memory";
  /**
   * Brings the runner's rooms up over its files, unless they are up. They may not answer yet when it returns.
   * @throws {GradError} `sandbox_unavailable`, `runner_failed`
   */
  start(record: RunnerRecord): Promise<void>;
  /** The rooms' state, asked for now; `undefined` when they are down. */
  inspect(id: string): Promise<readonly RoomHealth[] | undefined>;
  /** Ways to talk to the rooms; makes no connection by itself and never fails. */
  rooms(id: string): Rooms;
  /** Ends the rooms and whatever runs in them, keeps the files. Legal in every state. */
  stop(id: string): Promise<void>;
  /** Deletes the files of a runner whose rooms have been stopped. */
  deleteFiles(id: string): Promise<void>;
  /** For messages: the last lines that a room logged; may be empty. */
  lastWords(id: string, room: string): Promise<string>;
}
