/**
 * Writes the documents that are printed from the code: docs/cli.md, docs/errors.md, docs/schema/.
 * `deno task docs` writes; `deno task docs --check` fails when what is committed is not what would be written.
 */
import { cliPage } from "./docs/cli_page.ts";
import { errorsPage } from "./docs/errors_page.ts";
import { schemaPages } from "./docs/schema_pages.ts";

const DOCS = new URL("../docs/", import.meta.url);
const check = Deno.args.includes("--check");

const schemas = [...schemaPages()].map(([name, text]) => [`schema/${name}`, text] as const);
const pages = new Map([["cli.md", cliPage()], ["errors.md", errorsPage()], ...schemas]);

let stale = 0;
function isStale(name: string, why: string): void {
  stale++;
  console.error(`docs/${name} ${why}: run \`make docs\``);
}

for (const [name, text] of pages) {
  const path = new URL(name, DOCS);
  const want = text.trimEnd() + "\n";
  if (check) {
    if (await Deno.readTextFile(path).catch(() => "") !== want) isStale(name, "is not current");
    continue;
  }
  await Deno.mkdir(new URL(".", path), { recursive: true });
  await Deno.writeTextFile(path, want);
}
for await (const { name } of Deno.readDir(new URL("schema/", DOCS))) {
  if (pages.has(`schema/${name}`)) continue;
  if (check) isStale(`schema/${name}`, "belongs to no kind of document");
  else await Deno.remove(new URL(`schema/${name}`, DOCS));
}
if (stale > 0) Deno.exit(1);
