import type { Clock } from "../../shared/clock.ts";
import { GradError } from "../../shared/errors.ts";
import { type GradRecord, readGradRecord } from "../../shared/grad_record.ts";
import type { Processes } from "../../shared/process.ts";
import { isAlive, type ProcessId, type ReadStat } from "../../shared/process_stat.ts";
import type { GradClient } from "../client/grad_client.ts";

export type RecordedGradOptions = Readonly<{
  stateDir: string;
  uid: number;
  clock: Clock;
  processes: Pick<Processes, "run">;
  kill(pid: number, signal: "SIGTERM" | "SIGKILL"): void;
  /**
   * Checks that the socket is this user's and that nobody else can replace it, connects, and compares versions.
   * @throws {GradError} `grad_unavailable`, `permission_denied`, `version_mismatch`
   */
  dial(address: string, signal: AbortSignal): Promise<GradClient>;
}>;

/** How long grad may take to end after SIGTERM, and again after SIGKILL. */
const STOP_MS = 10_000;
export const POLL_MS = 25;

/** The grad that the record in a state folder names; the record may be of one that has ended. */
export class RecordedGrad {
  constructor(private readonly options: RecordedGradOptions) {}

  record(): Promise<GradRecord | undefined> {
    return readGradRecord(this.options.stateDir, this.options.uid);
  }

  /** @throws {GradError} `grad_unavailable` when no grad of this state folder answers, else as `dial` */
  async dial(signal: AbortSignal): Promise<GradClient> {
    const record = await this.record();
    if (record === undefined) throw absent("no grad has served this state folder");
    let client: GradClient;
    try {
      client = await this.options.dial(`unix:${record.socket}`, signal);
    } catch (thrown) {
      // After a crash or a reboot another user may own that path: no reason to refuse, since our grad is not there.
      const refused = thrown instanceof GradError && thrown.code === "permission_denied";
      if (refused && !await this.isAlive(record.process)) throw absent(`it has ended; ${thrown.message}`);
      throw thrown;
    }
    if (client.info.instance === record.instance) return client;
    await client[Symbol.asyncDispose]();
    throw absent("its socket's path belongs to the grad of another state folder now");
  }

  /** As `dial`, but `undefined` when none answers. */
  async dialIfRunning(signal: AbortSignal): Promise<GradClient | undefined> {
    try {
      return await this.dial(signal);
    } catch (thrown) {
      if (thrown instanceof GradError && thrown.code === "grad_unavailable") return undefined;
      throw thrown;
    }
  }

  /** The process of the record while it runs, whether it answers or not. */
  async runningProcess(): Promise<ProcessId | undefined> {
    const record = await this.record();
    return record !== undefined && await this.isAlive(record.process) ? record.process : undefined;
  }

  isAlive(process: ProcessId): Promise<boolean> {
    return isAlive(process, this.readStat);
  }

  readonly readStat: ReadStat = async (pid) =>
    (await this.options.processes.run(["cat", `/proc/${pid}/stat`])).stdout;

  /** Ends the recorded process, first politely. False when none ran. @throws {GradError} `grad_unavailable` */
  async stop(signal: AbortSignal): Promise<boolean> {
    const { clock, kill } = this.options;
    const process = await this.runningProcess();
    if (process === undefined) return false;
    for (const how of ["SIGTERM", "SIGKILL"] as const) {
      kill(process.pid, how);
      for (const until = clock.now() + STOP_MS; clock.now() < until;) {
        if (!await this.isAlive(process)) return true;
        await clock.sleep(POLL_MS, signal);
      }
    }
    throw new GradError("grad_unavailable", `Cannot stop grad: process ${process.pid} does not end`, {
      hint: "A file system that hangs may hold it; try again when that answers.",
    });
  }
}

function absent(reason: string): GradError {
  return new GradError("grad_unavailable", `Cannot reach the local grad: ${reason}`, {
    hint: "Start it with `gractl grad start`.",
  });
}
