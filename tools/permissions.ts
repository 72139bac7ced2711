/**
 * What each program may do, as flags of `deno run` and `deno compile`. Users choose paths, hosts and sockets, so gractl is
 * granted those kinds without a list; foreign functions, imports from the network and prompts are not granted.
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
  // grad recognises its runners' processes by /proc/<pid>/stat, which Deno opens with all permissions only.
  grad: ["--no-prompt", "--allow-all"],
};
