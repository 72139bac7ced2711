/**
 * What each program may do, as flags of `deno run` and `deno compile`. Paths, hosts and sockets are the user's to choose, so those
 * kinds are open in gractl; foreign code, code from the network and prompts are not.
 */
export const PERMISSIONS: Readonly<Record<"gractl" | "grad", readonly string[]>> = {
  gractl: [
    "--no-prompt",
    // Workspaces and files to put or get, anywhere; its own settings and grad's socket.
    "--allow-read",
    "--allow-write",
    // AWS profiles read some forty variables, and a credential_process inherits all.
    "--allow-env",
    // grad's unix socket; SSO and STS of AWS.
    "--allow-net",
    // grad; a profile's credential_process.
    "--allow-run",
    "--allow-sys=hostname,osRelease,uid,homedir,cpus,systemMemoryInfo",
  ],
  // /proc/<pid>/stat, by which grad tells its runners' processes from others that got their number, is given with all permissions only.
  grad: ["--no-prompt", "--allow-all"],
};
