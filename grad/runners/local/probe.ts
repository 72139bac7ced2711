import { GradError } from "../../../shared/errors.ts";
import type { Processes } from "../../../shared/process.ts";
import { refusalOf } from "./start_argv.ts";

const PROBE_MS = 15_000;

/** The least that a component for user code needs, tried in the same namespaces as the real one. */
export function probeArgv(start: readonly string[]): string[] {
  return [
    ...start,
    ...["bwrap", "--unshare-all", "--unshare-user", "--die-with-parent", "--new-session", "--as-pid-1"],
    "--clearenv",
    ...["--uid", "1000", "--gid", "1000", "--cap-drop", "ALL"],
    ...["--ro-bind", "/usr", "/usr", "--symlink", "usr/bin", "/bin"],
    ...["--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64"],
    ...["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--", "/usr/bin/true"],
  ];
}

/**
 * Starts a real sandbox. `start` is what stands before a runner's init: see `startArgv`.
 * @throws {GradError} `sandbox_unavailable` with what the machine refuses and the remedy; `runner_failed` where root cannot drop its rights
 */
export async function probeSandbox(
  processes: Pick<Processes, "run">,
  options: { start: readonly string[]; path: string },
): Promise<void> {
  const signal = AbortSignal.timeout(PROBE_MS);
  const env = { PATH: options.path };
  const { exitCode, stderr } = await processes.run(probeArgv(options.start), { env, signal });
  if (exitCode === 0) return;
  const refusal = refusalOf(stderr);
  if (refusal !== undefined) throw new GradError("runner_failed", refusal.message, refusal);
  const said = stderr.trim().split("\n").at(-1) ?? "";
  throw new GradError("sandbox_unavailable", `Cannot start a sandbox: ${said || `exit code ${exitCode}`}`, {
    hint: `${remedy(stderr)} \`grad serve --unsafe-no-sandbox\` runs code without a sandbox.`,
  });
}

/** What to do about a refusal, chosen by the error text of unshare and bwrap. */
export function remedy(stderr: string): string {
  if (/bwrap: (not found|No such file)|failed to execute bwrap|exec.*bwrap/i.test(stderr)) {
    return "Install bubblewrap (`apt install bubblewrap`).";
  }
  if (/unshare: (not found|No such file)|unshare.*ENOENT/i.test(stderr)) return "Install util-linux.";
  if (/uid_map|user namespace|unshare failed: Operation not permitted|Permission denied/i.test(stderr)) {
    return "User namespaces are refused here: try `sysctl kernel.apparmor_restrict_unprivileged_userns=0` (Ubuntu) or " +
      "`sysctl kernel.unprivileged_userns_clone=1` (Debian).";
  }
  return "`gractl doctor` shows more.";
}
