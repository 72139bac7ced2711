import { messageOf } from "../../../shared/errors.ts";

/** Where a file of the runner is saved: the parts of a path below the folder of the execution, or why it is not saved. */
export type LocalPath = Readonly<{ path: readonly [string, ...string[]] }> | Readonly<{ refused: string }>;

/**
 * The local path for a file of the runner. Files of `outputs/` and of `outputs/<execution>/` go to the top of the folder of the
 * execution, others keep their path. Code chooses the names, so one that could lead out of the folder, that would be a git repository
 * (whose configuration names programs that git runs), or that looks different when it is printed is refused.
 */
export function localPathOf(executionId: string, path: string): LocalPath {
  const parts = path.split("/");
  if (parts.length < 2 || parts.some((part) => part === "" || part === "." || part === "..")) {
    return { refused: "it is not the path of a file below /workspace" };
  }
  if (/\p{Cc}/u.test(path)) return { refused: "its name has a control character" };
  if (parts.some(isGitFolder)) return { refused: "git would run what is configured in it" };
  const [top, second] = parts;
  const skip = top !== "outputs" ? 0 : second === executionId && parts.length > 2 ? 2 : 1;
  const [first, ...others] = parts.slice(skip);
  return { path: [first!, ...others] };
}

/** Whether some file system takes the name for ".git": those of macOS ignore case and characters without a width. */
function isGitFolder(name: string): boolean {
  return name.replaceAll(/\p{Cf}/gu, "").toLowerCase() === ".git";
}

/** The text of a warning about a file that could not be saved on this machine. */
export function saveFailure(path: string, why: unknown): string {
  return `Cannot save ${path} on this machine: ${messageOf(why)}`;
}
