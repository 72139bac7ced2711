import { statfs } from "node:fs/promises";
import { GradError, messageOf } from "../../../shared/errors.ts";
import type { Processes } from "../../../shared/process.ts";
import { formatSize } from "../../../shared/size.ts";
import type { BackendDiagnostics, DiagnosticCheck, Outcome } from "../../diagnostics/diagnostic_check.ts";
import type { LocalFolders } from "./paths.ts";
import { probeSandbox } from "./probe.ts";
import { findPython } from "./python.ts";
import type { RunnerUsers } from "./runner_users.ts";
import { refusalOf, trialArgv } from "./start_argv.ts";
import { namespaceArgv } from "./plan.ts";

export type LocalDiagnosticsOptions = Readonly<{
  folders: LocalFolders;
  /** bin/python of the runners' environment. */
  python: string;
  sandboxed: boolean;
  /** Where programs are looked for: grad's PATH. */
  path: string;
  /** The users that runners run as where root runs grad; absent for a plain user. */
  users?: RunnerUsers | undefined;
  processes: Pick<Processes, "run">;
  /** Bytes that are free for us in the file system of a folder. */
  freeBytes?: (folder: string) => Promise<number>;
}>;

/** Under this name the user is recorded that tries what runners need; it owns no file. */
const TRIAL = "trial";
/** With less a runner's first installs or results may fail. */
const LITTLE_SPACE_BYTES = 2 * 2 ** 30;
/** With less grad's own records and journals are in danger. */
const NO_SPACE_BYTES = 200 * 2 ** 20;

/** What runners need of this machine, each proved by trying it. */
export function localDiagnostics(options: LocalDiagnosticsOptions): BackendDiagnostics {
  const { folders, python, sandboxed, path, users, processes } = options;
  const { freeBytes = freeBytesOf } = options;

  /** The first line that a program prints, which must succeed. */
  async function output(command: readonly string[], signal: AbortSignal, hint: string): Promise<string> {
    const { exitCode, stdout, stderr } = await processes.run(command, { env: { PATH: path }, signal });
    if (exitCode === 0) return (stdout.trim() || stderr.trim()).split("\n")[0] ?? "";
    const refusal = refusalOf(stderr);
    if (refusal !== undefined) throw new GradError("runner_failed", refusal.message, refusal);
    const said = stderr.trim().split("\n").slice(-2).join("; ") || `exit code ${exitCode}`;
    throw new GradError("runner_failed", `Cannot run ${command[0]}: ${said}`, { hint });
  }

  /** What stands before a command to try it as a runner would run it. */
  async function trial(): Promise<string[]> {
    if (users === undefined) return namespaceArgv(false);
    const uid = await users.of(TRIAL);
    return trialArgv({ python: await findPython(python), uid, scratch: folders.runtime });
  }

  const checks: DiagnosticCheck[] = [
    {
      id: "folders",
      title: "grad's folders",
      async run() {
        for (const folder of [folders.state, folders.runtime]) await proveWritable(folder);
        return ok(`${folders.state} and ${folders.runtime} can be written`);
      },
    },
    {
      id: "disk",
      title: "disk space",
      run: async () => judgeSpace(await freeBytes(folders.state), folders.state),
    },
    {
      id: "python",
      title: "Python of the runners",
      async run(signal) {
        const code =
          "import sys, grad_runner, ipykernel, pandas, duckdb, pyarrow, matplotlib; print(sys.version.split()[0])";
        const hint =
          "Run `make run` in the project's folder, or set GRAD_RUNNER_PYTHON to a Python that has grad_runner, and start grad again.";
        const start = users === undefined ? [] : await trial();
        return ok(`${await output([...start, python, "-I", "-c", code], signal, hint)} in ${python}`);
      },
    },
    {
      id: "namespaces",
      title: "namespaces",
      async run(signal) {
        const hint = "Allow user namespaces (Ubuntu: sysctl kernel.apparmor_restrict_unprivileged_userns=0).";
        await output([...await trial(), "true"], signal, hint);
        return ok(
          users === undefined
            ? "a runner can have mounts of its own"
            : "a runner can have mounts and a user of its own, and is not root",
        );
      },
    },
    {
      id: "sandbox",
      title: "sandbox for code",
      async run(signal) {
        if (!sandboxed) {
          return {
            state: "warning",
            message: "grad was started with --unsafe-no-sandbox: code can read and change whatever you can",
            hint: "`gractl grad stop` ends it; the next command starts grad with a sandbox.",
          };
        }
        await probeSandbox(processes, { start: await trial(), path });
        return ok(`${await output(["bwrap", "--version"], signal, "Install bubblewrap.")} starts`);
      },
    },
    {
      id: "s3fs",
      title: "s3fs",
      run: async (signal) =>
        ok(await output(["s3fs", "--version"], signal, "Install s3fs (Debian, Ubuntu: apt install s3fs).")),
    },
    {
      id: "fuse",
      title: "FUSE",
      async run(signal) {
        const hint = users === undefined
          ? "Load the module (modprobe fuse) and let users open /dev/fuse (chmod 666 /dev/fuse)."
          : "Load the module (modprobe fuse); in a container give root the right to make device files (CAP_MKNOD).";
        const start = users === undefined ? [] : await trial();
        // By a program: Deno itself may not open devices.
        await output([...start, "sh", "-c", "test -r /dev/fuse && test -w /dev/fuse"], signal, hint);
        return ok("/dev/fuse can be opened");
      },
    },
  ];
  return { checks };
}

const ok = (message: string): Outcome => ({ state: "ok", message });

async function proveWritable(folder: string): Promise<void> {
  try {
    await Deno.remove(await Deno.makeTempFile({ dir: folder, prefix: ".doctor-" }));
  } catch (cause) {
    throw new GradError("runner_failed", `Cannot write into "${folder}": ${messageOf(cause)}`, {
      hint:
        "Give yourself permission to write there, or set GRAD_STATE_DIR and GRAD_RUNTIME_DIR to other folders.",
      cause,
    });
  }
}

function judgeSpace(bytes: number, folder: string): Outcome {
  const free = `${formatSize(bytes)} are free for ${folder}`;
  const hint =
    "Delete files, destroy runners that you do not need, or set GRAD_STATE_DIR to a folder on another disk.";
  if (bytes < NO_SPACE_BYTES) {
    throw new GradError("storage_full", `Cannot make runners: only ${free}`, { hint });
  }
  if (bytes < LITTLE_SPACE_BYTES) return { state: "warning", message: `only ${free}`, hint };
  return ok(free);
}

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
