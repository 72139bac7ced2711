/** Finds cycles between folders: folders that import each other in a ring can only be read, tested and moved together. */

/** A file and the files that it imports, as paths from the repository root. */
export type Imports = ReadonlyMap<string, readonly string[]>;

/** The node of the import graph that a file belongs to: its folder, or itself where it lies at the top of a package (main.ts, deps.ts). */
export function nodeOf(file: string): string {
  const parts = file.split("/");
  // A component below runner/grad_runner/ is a package, as grad/ and gractl/ are.
  const depthOfPackage = file.startsWith("runner/grad_runner/") ? 4 : 2;
  return parts.length <= depthOfPackage ? file : parts.slice(0, -1).join("/");
}

/** The component of a Python file (`runner/grad_runner/agent`), for rings between whole components. */
export function componentOf(file: string): string {
  return file.split("/").slice(0, 3).join("/");
}

/**
 * Relative specifiers that a TypeScript module imports or re-exports, types included: they are erased when the program runs, but who
 * reads or moves one folder of a ring must know all of it.
 */
export function localImports(text: string): string[] {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
  const found = code.matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*)"(\.[^"]+)"/g);
  return [...found].map((match) => match[1]!);
}

/** Modules below grad_runner that a Python module may import, dotted; `from p import a, b` gives `p.a` and `p.b` too. */
export function pythonImports(text: string): string[] {
  const found: string[] = [];
  const statements = text.matchAll(
    /^[ \t]*(?:from[ \t]+(grad_runner[\w.]*)[ \t]+import[ \t]+(\([^)]*\)|.*)|import[ \t]+(grad_runner[\w.]*))/gm,
  );
  for (const [, from, names, module] of statements) {
    if (module !== undefined) found.push(module);
    if (from === undefined) continue;
    const imported = (names ?? "").replaceAll(/#.*|[()]/g, "").split(",");
    found.push(from);
    for (const name of imported) {
      const first = name.trim().split(/\s/)[0];
      if (first !== undefined && first !== "") found.push(`${from}.${first}`);
    }
  }
  return found;
}

/** Each ring of nodes once, smallest name first, as `a -> b -> a`. `node` says what a file counts as. */
export function cyclesBetweenFolders(imports: Imports, node: (file: string) => string = nodeOf): string[] {
  const edges = new Map<string, Set<string>>();
  for (const [file, targets] of imports) {
    const from = node(file);
    for (const to of targets.map(node)) {
      if (to !== from) edges.set(from, (edges.get(from) ?? new Set()).add(to));
    }
  }
  const found = new Set<string>();
  const done = new Set<string>();
  const visit = (current: string, path: readonly string[]): void => {
    const at = path.indexOf(current);
    if (at >= 0) {
      const ring = path.slice(at);
      const first = ring.indexOf([...ring].sort()[0]!);
      const turned = [...ring.slice(first), ...ring.slice(0, first)];
      found.add([...turned, turned[0]].join(" -> "));
      return;
    }
    if (done.has(current)) return;
    for (const next of edges.get(current) ?? []) visit(next, [...path, current]);
    done.add(current);
  };
  for (const start of [...edges.keys()].sort()) visit(start, []);
  return [...found].sort();
}
