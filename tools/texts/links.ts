/** Links and paths that a Markdown document names. */

/** Where a document names a file of the tree: `target` as written, `line` from 1. */
export type Mention = { line: number; target: string };

const FENCE = /^\s*(```|~~~)/;

/** The document's lines outside of fenced code; lines inside become empty, so that numbers stay. */
function proseLines(markdown: string): string[] {
  let fenced = false;
  return markdown.split("\n").map((line) => {
    if (!FENCE.test(line)) return fenced ? "" : line;
    fenced = !fenced;
    return "";
  });
}

/** Targets of links and images: `[text](target)`, `[name]: target`, `src="target"`. */
export function links(markdown: string): Mention[] {
  return proseLines(markdown).flatMap((text, index) => {
    const plain = text.replaceAll(/`[^`]*`/g, "");
    const inline = [...plain.matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)/g)];
    const reference = [...plain.matchAll(/^\s*\[[^\]]+\]:\s*(\S+)/g)];
    const html = [...plain.matchAll(/\b(?:src|href)="([^"]+)"/g)];
    return [...inline, ...reference, ...html].map((match) => ({ line: index + 1, target: match[1]! }));
  });
}

/** Anchors that a document offers: GitHub's for its headings, and `<a id="…">`. */
export function anchors(markdown: string): Set<string> {
  const found = new Set<string>();
  for (const line of proseLines(markdown)) {
    for (const [, id] of line.matchAll(/<a id="([^"]+)">/g)) found.add(id!);
    const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(line)?.[1];
    if (heading === undefined) continue;
    const slug = heading.replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(/\s/g, "-");
    let unique = slug;
    for (let n = 1; found.has(unique); n++) unique = `${slug}-${n}`;
    found.add(unique);
  }
  return found;
}

/** `a/{b,c}/d` as `a/b/d` and `a/c/d`. */
function expandBraces(path: string): string[] {
  const match = /^(.*?)\{([^{}]*)\}(.*)$/.exec(path);
  if (match === null) return [path];
  return match[2]!.split(",").flatMap((part) => expandBraces(`${match[1]}${part}${match[3]}`));
}

/** Code spans that are paths from the repository's root: those that begin with one of its `folders`. Patterns are left out. */
export function pathSpans(markdown: string, folders: ReadonlySet<string>): Mention[] {
  return proseLines(markdown).flatMap((text, index) =>
    [...text.matchAll(/`([^`\s]+)`/g)].flatMap(([, span]) => {
      const path = span!.replace(/:\d+$/, "").replace(/\/$/, "");
      if (!path.includes("/") && !folders.has(path)) return [];
      if (!folders.has(path.split("/")[0]!) || /[*<>…$()[\]]|\.\.\./.test(path)) return [];
      return expandBraces(path).map((target) => ({ line: index + 1, target }));
    })
  );
}
