/** Finds cycles between folders: what imports each other in a ring is one thing in several places. */

/** A file and the files that it imports, as paths from the repository root. */
export type Imports = ReadonlyMap<string, readonly string[]>;

/** The node that a file counts as: its folder, or itself where it lies at the top of a package (main.ts, cli.ts, deps.ts). */
export function nodeOf(file: string): string {
  const parts = file.split("/");
  return parts.length <= 2 ? file : parts.slice(0, -1).join("/");
}

/**
 * Relative specifiers that a module's text imports or re-exports as values. Types are erased and tie nothing together when the
 * program runs: a port may name what it carries, and lie beside those who use it.
 */
export function localImports(text: string): string[] {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "")
    .replaceAll(/\b(import|export) type [^"]*\bfrom "[^"]+"/g, "");
  const found = code.matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*)"(\.[^"]+)"/g);
  return [...found].map((match) => match[1]!);
}

/** Each ring of nodes once, smallest name first, as `a -> b -> a`. */
export function cyclesBetweenFolders(imports: Imports): string[] {
  const edges = new Map<string, Set<string>>();
  for (const [file, targets] of imports) {
    const from = nodeOf(file);
    for (const to of targets.map(nodeOf)) {
      if (to !== from) edges.set(from, (edges.get(from) ?? new Set()).add(to));
    }
  }
  const found = new Set<string>();
  const done = new Set<string>();
  const visit = (node: string, path: readonly string[]): void => {
    const at = path.indexOf(node);
    if (at >= 0) {
      const ring = path.slice(at);
      const first = ring.indexOf([...ring].sort()[0]!);
      const turned = [...ring.slice(first), ...ring.slice(0, first)];
      found.add([...turned, turned[0]].join(" -> "));
      return;
    }
    if (done.has(node)) return;
    for (const next of edges.get(node) ?? []) visit(next, [...path, node]);
    done.add(node);
  };
  for (const node of [...edges.keys()].sort()) visit(node, []);
  return [...found].sort();
}
