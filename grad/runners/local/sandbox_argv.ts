/** The command line of bubblewrap around user code: pure, golden-tested. */
export type Sandbox = Readonly<{
  /** Shown as /workspace, writable. */
  workspace: string;
  /** Shown as /workspace/data, itself read-only; what is mounted in it, also later, is seen at once and with its own access. */
  data: string;
  /** Shown as /run/grad, writable: the kernel component's sockets and spools. */
  kernel: string;
  /** Shown as /var/tmp, writable: on a disk, unlike /tmp. */
  spill: string;
  /** Of each of the two folders that are memory, /tmp and /dev/shm. */
  tmpfsBytes: number;
  /** Shown as /opt/grad/venv, read-only. */
  venv: string;
  /** Shown at its own place when it is not below /usr. */
  basePrefix: string;
  /** Folder with `passwd` and `group` for /etc, so that the sandbox's uid has a name. */
  accounts: string;
  /** Files of the machine that nobody in there can open; each must exist. */
  closedFiles: readonly string[];
  network: "none" | "full";
  env: Readonly<Record<string, string>>;
}>;

export const SANDBOX_VENV = "/opt/grad/venv";
export const SANDBOX_KERNEL = "/run/grad";
export const SANDBOX_WORKSPACE = "/workspace";
export const SANDBOX_SPILL = "/var/tmp";
/** Folders that are memory and belong to this sandbox alone. */
export const SANDBOX_TMPFS = ["/tmp", "/dev/shm"];
const SANDBOX_DATA = "/workspace/data";

const UID = "1000";

/** What programs with a network read to find others. */
const NETWORK_FILES = ["/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/ssl/certs"];

/**
 * What of /proc is not about a process: settings and controls of the whole machine. Their files belong to the machine's root, which
 * user code is outside of the sandbox when root runs it, and some can be written by everyone.
 */
const MACHINE_PROC = [
  ...["sys", "sysrq-trigger", "irq", "bus", "fs", "scsi", "acpi", "driver", "tty", "asound"],
  ...["mtrr", "pressure", "dynamic_debug"],
].map((name) => `/proc/${name}`);

/** What of /proc tells code about its user's keys, and about the rest of the machine; not every kernel has each of them. */
export const CLOSED_FILES = ["keys", "key-users", "kcore", "latency_stats", "sched_debug", "timer_list"]
  .map((name) => `/proc/${name}`);

/** bwrap and its arguments, up to the command. */
export function sandboxArgv(sandbox: Sandbox): string[] {
  const {
    workspace,
    data,
    kernel,
    spill,
    tmpfsBytes,
    venv,
    basePrefix,
    accounts,
    closedFiles,
    network,
    env,
  } = sandbox;
  const bounded = ["--size", String(tmpfsBytes), "--perms", "1777", "--tmpfs"];
  return [
    "bwrap",
    "--unshare-all",
    ...(network === "full" ? ["--share-net"] : []),
    // Without it bwrap keeps the user namespace that it was started in, and --uid is refused.
    "--unshare-user",
    "--die-with-parent",
    "--new-session",
    // Else bwrap itself would be the first process in there: without our filter of system calls, and with a memory that code
    // could write.
    "--as-pid-1",
    ...["--uid", UID, "--gid", UID, "--cap-drop", "ALL", "--hostname", "runner"],
    ...["--ro-bind", "/usr", "/usr"],
    ...["bin", "sbin", "lib", "lib64"].flatMap((name) => ["--symlink", `usr/${name}`, `/${name}`]),
    ...["--ro-bind-try", "/etc/alternatives", "/etc/alternatives"],
    ...["--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"],
    ...["passwd", "group"].flatMap((name) => ["--ro-bind", `${accounts}/${name}`, `/etc/${name}`]),
    ...(network === "full" ? NETWORK_FILES.flatMap((path) => ["--ro-bind-try", path, path]) : []),
    ...(isBelowUsr(basePrefix) ? [] : ["--ro-bind", basePrefix, basePrefix]),
    ...["--proc", "/proc", ...MACHINE_PROC.flatMap((path) => ["--ro-bind-try", path, path])],
    // Devices cannot be opened where bwrap binds them.
    ...closedFiles.flatMap((path) => ["--ro-bind", "/dev/null", path]),
    // bwrap cannot bound the tmpfs of /dev, so nothing can be written there but in a bounded one on /dev/shm.
    ...["--dev", "/dev", ...bounded, "/dev/shm", "--remount-ro", "/dev"],
    ...[...bounded, "/tmp", "--dir", "/tmp/home"],
    ...["--bind", spill, SANDBOX_SPILL],
    ...["--ro-bind", venv, SANDBOX_VENV],
    ...["--bind", workspace, SANDBOX_WORKSPACE],
    // --ro-bind would also make the datasets in it read-only that are mounted by now, and only those. So each dataset's own
    // flags decide, and --remount-ro, which does not reach below, closes the folder itself.
    ...["--bind", data, SANDBOX_DATA, "--remount-ro", SANDBOX_DATA],
    ...["--bind", kernel, SANDBOX_KERNEL],
    // What bwrap made itself below / is a tmpfs: nothing is to be written there.
    ...["--remount-ro", "/"],
    ...["--chdir", SANDBOX_WORKSPACE],
    "--clearenv",
    ...Object.entries(env).flatMap(([name, value]) => ["--setenv", name, value]),
    "--",
  ];
}

export function isBelowUsr(folder: string): boolean {
  return folder === "/usr" || folder.startsWith("/usr/");
}
