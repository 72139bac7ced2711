/** What `deno bundle --code-splitting` writes, made the same on every machine, and complete. */

import { createHash } from "node:crypto";

/** Texts of files by name; one of them is the entry, `main.js`. */
export type Files = ReadonlyMap<string, string>;

/** The first 12 hexadecimal digits of the text's sha256. */
export function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}

/**
 * Gives a dynamic import of a CommonJS package the names of the package. `deno bundle` 2.9 writes for such a package a file that only
 * has a default export, and leaves the import as it is: `(await import("yaml")).parse` would be undefined.
 */
export function importCommonJs(files: Files): Files {
  const packages = new Set(
    [...files].filter(([, text]) => /^export default require_\w+\(\);/m.test(text)).map(([name]) => name),
  );
  const rewritten = [...files].map(([name, text]) =>
    [
      name,
      text.replaceAll(/\bimport\("\.\/([^"]+)"\)/g, (statement, target) =>
        packages.has(target)
          ? `${statement}.then(({ default: exports }) => ({ ...exports, default: exports }))`
          : statement),
    ] as const
  );
  return new Map(rewritten);
}

/** The hash that the bundler gives a chunk is of text that names this machine's folders. */
const CHUNK = /-[A-Z0-9]{8}\.js/g;

/** Names the chunks by a hash of their text, without the names of other chunks in it. */
export function nameByContent(files: Files): Files {
  const names = new Map([...files].map(([name, text]) => {
    const hash = hashOf(text.replaceAll(CHUNK, ".js"));
    return [name, name.replace(CHUNK, `-${hash}.js`)] as const;
  }));
  if (new Set(names.values()).size < names.size) throw new Error("Two chunks have the same name and text");
  const renamed = [...files].map(([name, text]) =>
    [
      names.get(name)!,
      text.replaceAll(/(?<="\.\/)[^"\n]+(?=")/g, (chunk) => names.get(chunk) ?? chunk),
    ] as const
  );
  return new Map(renamed.sort(([a], [b]) => a < b ? -1 : 1));
}
