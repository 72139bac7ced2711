import { join } from "node:path";
import { GradError } from "../../shared/errors.ts";
import { readGradRecord, stateFiles, writeGradRecord } from "../../shared/grad_record.ts";
import { makePrivateFolder } from "../../shared/make_private_folder.ts";
import { isOwnFolder } from "../../shared/private_folder.ts";
import { processId } from "../../shared/process_stat.ts";

export type StateFolderOptions = Readonly<{
  stateDir: string;
  /** Where sockets go when the state folder names no folder that still exists. */
  runtimeDir: string;
  /** Where to listen; by default grad.sock in the runtime folder. */
  socket: string | undefined;
  uid: number;
  /** Of this process: see {@link GradRecord}. */
  instance: string;
  version: string;
  now: () => number;
}>;

export type StateClaim = Disposable & Readonly<{ runtimeDir: string; socket: string }>;

/**
 * Makes this process the one grad of a state folder and records there how it is reached. The lock ends with the process, however that
 * ends. Runners of an earlier grad have their sockets in the runtime folder that it recorded, so that folder goes before
 * `options.runtimeDir` for as long as it exists and is ours.
 * @throws {GradError} `grad_unavailable` when another grad serves the folder, `permission_denied` and `invalid_argument` as {@link makePrivateFolder}
 */
export async function claimStateFolder(options: StateFolderOptions): Promise<StateClaim> {
  const { stateDir, uid, instance, version, now } = options;
  makePrivateFolder({
    path: stateDir,
    uid,
    what: "state folder",
    variable: "GRAD_STATE_DIR",
    followLink: true,
  });
  const lock = await Deno.open(stateFiles(stateDir).lock, { create: true, write: true, mode: 0o600 });
  try {
    const earlier = await readGradRecord(stateDir, uid);
    if (!await lock.tryLock(true)) {
      const who = earlier === undefined
        ? "another grad"
        : `the grad at unix:${earlier.socket} (process ${earlier.process.pid})`;
      throw new GradError(
        "grad_unavailable",
        `Cannot serve the state folder "${stateDir}": ${who} serves it`,
        {
          hint:
            "Use that grad, or end it with `gractl grad stop`. For a second one set GRAD_STATE_DIR and GRAD_RUNTIME_DIR.",
        },
      );
    }
    const runtimeDir = isOwnFolder(earlier?.runtimeDir, uid) ? earlier!.runtimeDir : options.runtimeDir;
    makePrivateFolder({
      path: runtimeDir,
      uid,
      what: "runtime folder",
      variable: "GRAD_RUNTIME_DIR",
      followLink: false,
    });
    const socket = options.socket ?? join(runtimeDir, "grad.sock");
    const process = await processId(Deno.pid);
    if (process === undefined) {
      throw new GradError("internal", "Cannot read this process in /proc", { hint: "Mount /proc." });
    }
    // Before grad listens: a grad that hangs at its start can be found and ended, too.
    const startedAt = new Date(now()).toISOString();
    await writeGradRecord(stateDir, { socket, runtimeDir, instance, process, version, startedAt });
    return { runtimeDir, socket, [Symbol.dispose]: () => lock.close() };
  } catch (thrown) {
    lock.close();
    throw thrown;
  }
}
