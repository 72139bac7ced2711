/**
 * What each program may do, as flags of `deno run` and `deno compile`.
 *
 * Both have all permissions. With a part of them Deno resolves the links in a path before the system call, which defeats O_NOFOLLOW,
 * and refuses paths in /proc: gractl's confined writer needs both (docs/adr/0029-confined-writer.md), and grad recognises its
 * runners' processes by /proc/<pid>/stat. A part would protect little: users choose paths, hosts and programs, so gractl would have
 * all reads, writes, connections and programs anyway.
 */
export const PERMISSIONS: Readonly<Record<"gractl" | "grad", readonly string[]>> = {
  gractl: ["--no-prompt", "--allow-all"],
  grad: ["--no-prompt", "--allow-all"],
};
