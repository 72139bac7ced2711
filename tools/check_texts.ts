/**
 * Checks what texts promise: relative links and anchors of Markdown documents, paths in their code spans, and every command that a
 * document, comment, hint, error or help text names. `check_texts.ts` prints each fault as file:line and exits 1 if there is one.
 */
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { commandFault, namedCommands } from "./texts/commands.ts";
import { anchors, links, pathSpans } from "./texts/links.ts";
import { programs } from "./texts/programs.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** What is searched for commands. Tests may name commands that do not exist. */
const SOURCES = /\.(ts|py|sh|md|proto|toml|yaml|txt)$|(^|\/)Makefile$/;
const NOT_SEARCHED =
  /^(proto\/gen|runner\/grad_runner\/gen)\/|_test\.ts$|^(runner\/)?tests\/|\/testing\/|\/testdata\/|^tools\/texts\/|^docs\/mutants\.md$/;

async function trackedFiles(): Promise<string[]> {
  const { stdout, success } = await new Deno.Command("git", {
    args: ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    cwd: ROOT,
  }).output();
  if (!success) throw new Error("Cannot list the tree: git ls-files failed");
  const names = new TextDecoder().decode(stdout).split("\0").filter((name) => name !== "");
  const present = await Promise.all(
    names.map((name) => Deno.stat(join(ROOT, name)).then(() => true, () => false)),
  );
  return names.filter((_, index) => present[index]).sort();
}

const files = await trackedFiles();
const present = new Set(files.flatMap((file) => {
  const parts = file.split("/");
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}));
const folders = new Set(files.filter((file) => file.includes("/")).map((file) => file.split("/")[0]!));
const read = (file: string) => Deno.readTextFile(join(ROOT, file));
const existing = programs({
  makefile: await read("Makefile"),
  gradConfig: await read("grad/config/config.ts"),
});

const faults: string[] = [];
const fault = (file: string, line: number, text: string) => faults.push(`${file}:${line}: ${text}`);

for (const file of files.filter((name) => name.endsWith(".md") && !NOT_SEARCHED.test(name))) {
  const text = await read(file);
  for (const { line, target } of links(text)) {
    if (/^[a-z]+:/.test(target)) continue;
    const [path = "", anchor] = target.split("#");
    const found = path === "" ? file : normalize(join(dirname(file), decodeURI(path))).replace(/\/$/, "");
    if (!present.has(found)) fault(file, line, `there is no ${found}`);
    else if (anchor !== undefined && !anchors(await read(found)).has(anchor)) {
      fault(file, line, `${found} has no anchor #${anchor}`);
    }
  }
  for (const { line, target } of pathSpans(text, folders)) {
    if (!present.has(target)) fault(file, line, `there is no ${target}`);
  }
}
for (const file of files.filter((name) => SOURCES.test(name) && !NOT_SEARCHED.test(name))) {
  const kind = file.endsWith(".md") ? "markdown" : file.endsWith(".ts") ? "typescript" : "other";
  const named = namedCommands(await read(file), kind);
  for (const command of named) {
    const why = commandFault(command, existing);
    if (why !== undefined) fault(file, command.line, why);
  }
}
for (const text of faults) console.error(text);
if (faults.length > 0) Deno.exit(1);
