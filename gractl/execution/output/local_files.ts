import { messageOf } from "../../../shared/errors.ts";

/** Where a file of the runner is saved: the parts of a path below the folder of the execution, or why it is not saved. */
export type LocalPath = Readonly<{ path: readonly [string, ...string[]] }> | Readonly<{ refused: string }>;

/** Names that the runner gives to its own files of an execution: figures, results and long output. */
const OWN_NAME = /^(?:(?:figure|result)-\d+\.[a-z0-9]+|(?:stdout|stderr)\.txt)$/i;

/**
 * The local paths of an execution's files, of which no two have the same one.
 *
 * What the runner itself saved below `outputs/<execution>/`, and the files of `outputs/`, go to the top of the execution's folder; others
 * keep their path below /workspace. A file of the code that has the name of one of the runner's own keeps its whole path
 * (`outputs/figure-1.png`, `workspace/figure-1.png`), whichever of the two comes first; any other that has the place of an earlier file
 * gets a number (`table-2.csv`).
 */
export class LocalPaths {
  readonly #executionId: string;
  readonly #paths = new Map<string, LocalPath>();
  readonly #taken = new Set<string>();

  constructor(executionId: string) {
    this.#executionId = executionId;
  }

  /** The local path for a file of the runner, every time the same. */
  of(path: string): LocalPath {
    const known = this.#paths.get(path);
    if (known !== undefined) return known;
    const local = localPathOf(this.#executionId, path);
    const free = "refused" in local ? local : this.#free(local.path);
    this.#paths.set(path, free);
    return free;
  }

  #free(path: readonly [string, ...string[]]): LocalPath {
    for (let number = 1;; number++) {
      const tried = number === 1 ? path : numbered(path, number);
      // File systems of macOS ignore case, and in which form an accent is written.
      const place = tried.join("/").normalize("NFC").toLowerCase();
      if (this.#taken.has(place)) continue;
      this.#taken.add(place);
      return { path: tried };
    }
  }
}

function numbered(path: readonly [string, ...string[]], number: number): readonly [string, ...string[]] {
  const name = path.at(-1)!;
  const dot = name.lastIndexOf(".");
  const [stem, extension] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
  const [first, ...others] = [...path.slice(0, -1), `${stem}-${number}${extension}`];
  return [first!, ...others];
}

/**
 * The local path for a file of the runner by itself, see {@link LocalPaths}. Code chooses the names, so one that could lead out of the
 * folder, that would be a git repository (whose configuration names programs that git runs), or that looks different when it is printed
 * is refused.
 */
export function localPathOf(executionId: string, path: string): LocalPath {
  const parts = path.split("/");
  if (parts.some((part) => part === "" || part === "." || part === "..")) {
    return { refused: "it is not the path of a file below /workspace" };
  }
  if (/\p{Cc}/u.test(path)) return { refused: "its name has a control character" };
  if (parts.some(isGitFolder)) return { refused: "git would run what is configured in it" };
  const [top, second] = parts;
  if (top === "outputs" && second === executionId && parts.length > 2) return nonEmpty(parts.slice(2));
  const local = top === "outputs" && parts.length > 1 ? parts.slice(1) : parts;
  if (local.length > 1 || !OWN_NAME.test(local[0]!)) return nonEmpty(local);
  return nonEmpty(parts.length > 1 ? parts : ["workspace", ...parts]);
}

function nonEmpty([first, ...others]: readonly string[]): LocalPath {
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
