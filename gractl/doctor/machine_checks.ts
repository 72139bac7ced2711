import { GradError } from "../../shared/errors.ts";
import { runnerPython } from "../../shared/local_paths.ts";
import type { Processes } from "../../shared/process.ts";
import type { Check } from "./check.ts";

export type MachineLooks = Readonly<{
  processes: Pick<Processes, "run">;
  env: Readonly<Record<string, string>>;
  uid: number;
  signal: AbortSignal;
}>;

/** What a local runner needs of this machine, each proved by doing it. */
export function machineChecks({ processes, env, uid, signal }: MachineLooks): readonly Check[] {
  /** Output of a program that must succeed. */
  async function must(command: readonly string[], hint: string): Promise<string> {
    const { exitCode, stdout, stderr } = await processes.run(command, { signal });
    if (exitCode === 0) return (stdout.trim() || stderr.trim()).split("\n")[0] ?? "";
    const said = stderr.trim().split("\n").slice(-2).join("; ") || `exit code ${exitCode}`;
    throw new GradError("grad_unavailable", `Cannot run ${command[0]}: ${said}`, { hint });
  }
  const python = runnerPython(env);
  const asUser = uid === 0 ? [] : ["--user", "--map-root-user"];
  return [
    {
      name: "python",
      async look() {
        const code =
          "import sys, grad_runner, ipykernel, pandas, duckdb, pyarrow, matplotlib; print(sys.version.split()[0])";
        const hint =
          "Run `make run` in the project's folder, or set GRAD_RUNNER_PYTHON to a Python that has grad_runner.";
        return `${await must([python, "-I", "-c", code], hint)} in ${python}`;
      },
    },
    {
      name: "sandbox",
      async look() {
        const hint =
          "Install bubblewrap and allow user namespaces; `gractl grad start --unsafe-no-sandbox` goes without.";
        const version = await must(["bwrap", "--version"], hint);
        await must(["bwrap", "--unshare-all", "--ro-bind", "/", "/", "true"], hint);
        return `${version} starts`;
      },
    },
    {
      name: "namespaces",
      async look() {
        const hint = "Allow user namespaces (Ubuntu: sysctl kernel.apparmor_restrict_unprivileged_userns=0).";
        await must(["unshare", ...asUser, "--mount", "--pid", "--fork", "true"], hint);
        return "mounts of a runner's own";
      },
    },
    {
      name: "s3fs",
      look: async () => await must(["s3fs", "--version"], "Install s3fs (Debian, Ubuntu: apt install s3fs)."),
    },
    {
      name: "fuse",
      async look() {
        const hint = "Load the module (modprobe fuse) and let users open /dev/fuse (chmod 666 /dev/fuse).";
        await must(["sh", "-c", "test -r /dev/fuse && test -w /dev/fuse"], hint);
        return "/dev/fuse can be opened";
      },
    },
  ];
}
