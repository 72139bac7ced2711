/**
 * What each program may do, as flags of `deno run` and `deno compile`. Paths, hosts and sockets are the user's to choose, so those
 * kinds are open; foreign code, code from the network and prompts are not.
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
  grad: [
    "--no-prompt",
    "--allow-read",
    "--allow-write",
    "--allow-env",
    // Its own unix socket, and those of the runners' rooms.
    "--allow-net",
    // unshare, setsid, bwrap and the runners' Python.
    "--allow-run",
    "--allow-sys=hostname,osRelease,uid,homedir,cpus,systemMemoryInfo",
  ],
};
