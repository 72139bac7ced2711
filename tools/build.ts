/**
 * Puts gractl and grad into dist/: `build.ts --launchers` as bundles that the Deno of this machine runs (no compiler, no downloads),
 * `build.ts --compile` as executables of their own. Does nothing if dist/ was built from the same sources. A program that is named after
 * that is built alone, from its own sources: Dockerfile.grad has no gractl.
 *
 * `deno compile` needs denort, which it downloads. Where that fails (and DENORT_BIN names none), tools/denort/ is compiled and used instead.
 */
import { createHash } from "node:crypto";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { type Files, hashOf, importCommonJs, nameByContent } from "./bundle/split_bundle.ts";
import { PERMISSIONS } from "./permissions.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const DIST = join(ROOT, "dist");
const STAMP = join(DIST, ".built");
const ALL = ["gractl", "grad"] as const;
type Program = (typeof ALL)[number];
const PROGRAMS: readonly Program[] = Deno.args[1] === undefined
  ? ALL
  : ALL.filter((name) => name === Deno.args[1]);
if (PROGRAMS.length === 0) {
  throw new Error(`Cannot build "${Deno.args[1]}": the programs are ${ALL.join(", ")}`);
}

/** Exit code that asks tools/build.sh for a C compiler. */
const NEEDS_COMPILER = 75;
const DENORT_WAIT_MS = 120_000;

/** One hash for everything that the programs are made from. */
async function hashOfSources(): Promise<string> {
  const hash = createHash("sha256").update(Deno.version.deno);
  const visit = async (path: string): Promise<void> => {
    if ((await Deno.stat(path)).isFile) {
      hash.update(relative(ROOT, path)).update(await Deno.readFile(path));
      return;
    }
    const names = [...Deno.readDirSync(path)].map((entry) => entry.name).sort();
    for (const name of names) {
      if (!/_test\.ts$|^testing$|^testdata$/.test(name)) await visit(join(path, name));
    }
  };
  const sources = ["deno.json", "deno.lock", ...PROGRAMS, "shared", "proto/gen"];
  for (const path of [...sources, "tools/build.ts", "tools/bundle", "tools/permissions.ts", "tools/denort"]) {
    await visit(join(ROOT, path));
  }
  return hash.digest("hex");
}

async function run(command: readonly string[], options: Deno.CommandOptions = {}) {
  const { success, stdout, stderr } = await new Deno.Command(command[0]!, {
    args: command.slice(1),
    ...options,
  }).output();
  return { success, text: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

async function must(command: readonly string[], options: Deno.CommandOptions = {}): Promise<void> {
  const { success, text } = await run(command, options);
  if (!success) throw new Error(`Cannot build: ${command.slice(0, 3).join(" ")} failed\n${text}`);
}

/** What esbuild writes where `require` is unknown; `deno bundle` replaces it, but not in every bundle. */
const REQUIRE_SHIM =
  /^var __require = \/\* @__PURE__ \*\/ \(\(x\) => [\s\S]{0,400}?Dynamic require of[^\n]*\n\}\);\n/m;
const REQUIRE = `import { createRequire as __createRequire } from "node:module";
var __require = __createRequire(import.meta.url);
`;
/** Where this machine keeps its npm packages, in comments and in names of modules. */
const NPM_CACHE = /(?:[\w.-]*\/)+npm\/[\w.-]+\/(?=[@\w][^"\n]*\.c?m?js)/g;

/**
 * Bundles one program; the same bytes on every machine. Answers with its entry in dist/. gractl is split where it imports in actions:
 * a call then reads only what it needs, and starts in half of the time.
 */
async function bundle(program: Program): Promise<string> {
  const split = program === "gractl";
  const out = await Deno.makeTempDir({ dir: DIST, prefix: `.${program}-` });
  const flags = [
    "--quiet",
    "--frozen",
    "--keep-names",
    "--outdir",
    out,
    ...(split ? ["--code-splitting"] : []),
  ];
  const files = new Map<string, string>();
  try {
    await must([Deno.execPath(), "bundle", ...flags, `${program}/main.ts`], { cwd: ROOT });
    for await (const { name } of Deno.readDir(out)) {
      const text = await Deno.readTextFile(join(out, name));
      files.set(name, text.replaceAll(NPM_CACHE, "npm/").replace(REQUIRE_SHIM, REQUIRE));
    }
  } finally {
    await Deno.remove(out, { recursive: true });
  }
  if ([...files.values()].some((text) => /Dynamic require of/.test(text))) {
    throw new Error(`Cannot build ${program}: the bundle cannot require`);
  }
  return split
    ? await writeSplit(program, nameByContent(importCommonJs(files)))
    : await writeWhole(program, files);
}

async function writeWhole(program: Program, files: Files): Promise<string> {
  const entry = `${program}.js`;
  await replace(join(DIST, entry), (path) => Deno.writeTextFile(path, files.get("main.js")!));
  await Deno.utime(join(DIST, entry), 0, 0);
  return entry;
}

/** A folder for each build: a program that runs may still import from that of its own build. The build before the last is removed. */
async function writeSplit(program: Program, files: Files): Promise<string> {
  const folder = `${program}.lib`;
  const hash = hashOf([...files].flat().join("\0"));
  const fresh = await Deno.makeTempDir({ dir: DIST, prefix: `.${program}-` });
  for (const [name, text] of files) {
    await Deno.writeTextFile(join(fresh, name), text);
    await Deno.utime(join(fresh, name), 0, 0);
  }
  await Deno.chmod(fresh, 0o755);
  await Deno.mkdir(join(DIST, folder), { recursive: true });
  const target = join(DIST, folder, hash);
  // The same build again: programs that run use it.
  const exists = await Deno.stat(target).then(() => true, () => false);
  if (exists) await Deno.remove(fresh, { recursive: true });
  else await Deno.rename(fresh, target);
  const builds = [...Deno.readDirSync(join(DIST, folder))].map(({ name }) => join(DIST, folder, name));
  const age = (path: string) => Deno.statSync(path).mtime?.getTime() ?? 0;
  const old = builds.filter((path) => path !== target).sort((a, b) => age(b) - age(a)).slice(1);
  for (const path of old) await Deno.remove(path, { recursive: true });
  return `${folder}/${hash}/main.js`;
}

/** A shell script that runs a bundle by this machine's Deno, under the program's permissions. */
function launcher(program: Program, entry: string): string {
  const flags = [
    "run",
    "--quiet",
    "--no-config",
    "--no-lock",
    "--no-check",
    "--cached-only",
    ...PERMISSIONS[program],
  ];
  return `#!/bin/sh
# Written by \`make run\`; \`make build\` puts an executable in its place.
self=$0
[ ! -L "$self" ] || self=$(readlink -f "$self")
here=\${self%/*}
case $here in /*) ;; *) here=$PWD/$here ;; esac
GRACTL_GRAD=\${GRACTL_GRAD:-$here/grad}
export GRACTL_GRAD
# No core files: the memory of both programs holds keys.
ulimit -c 0
exec '${Deno.execPath()}' ${flags.join(" ")} "$here/${entry}" "$@"
`;
}

/** Puts `path` in place in one step: a program that runs keeps its old file. */
async function replace(path: string, write: (path: string) => Promise<void>): Promise<void> {
  const fresh = `${path}.new`;
  await write(fresh);
  await Deno.chmod(fresh, 0o755);
  await Deno.rename(fresh, path);
}

type Built = Readonly<{ program: Program; entry: string }>;

async function compile(
  { program, entry }: Built,
  out: string,
  denort: string | undefined,
): Promise<string | undefined> {
  const args = [
    "compile",
    "--quiet",
    "--no-config",
    "--no-lock",
    "--no-check",
    ...PERMISSIONS[program],
    "-o",
    out,
  ];
  const done = await run([Deno.execPath(), ...args, join(DIST, entry)], {
    cwd: DIST,
    env: denort === undefined ? {} : { DENORT_BIN: denort },
    signal: AbortSignal.timeout(DENORT_WAIT_MS),
  });
  return done.success ? undefined : done.text;
}

/** Builds the stand-in for denort by the machine's C compiler; exits for tools/build.sh where there is none. */
async function standIn(): Promise<string> {
  const compilers = ["cc", "gcc", "clang"];
  for (const compiler of compilers) {
    const out = join(await Deno.makeTempDir(), "denort");
    const source = join(ROOT, "tools/denort/denort_standin.c");
    const define = `-DDEFAULT_DENO="${Deno.execPath()}"`;
    try {
      await must([compiler, "-O2", define, "-o", out, source]);
      return out;
    } catch (thrown) {
      if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
    }
  }
  console.error("Cannot stand in for denort: there is no C compiler here");
  Deno.exit(NEEDS_COMPILER);
}

async function compileAll(all: readonly Built[]): Promise<void> {
  // What stand-ins of earlier builds have unpacked.
  await Deno.remove(join(DIST, ".unpacked"), { recursive: true }).catch(() => {});
  let denort = Deno.env.get("DENORT_BIN");
  for (const built of all) {
    const { program } = built;
    await replace(join(DIST, program), async (out) => {
      let fault = await compile(built, out, denort);
      if (
        fault !== undefined && denort === undefined &&
        /denort|download|dl\.deno\.land|error sending request/i.test(fault)
      ) {
        denort = await standIn();
        fault = await compile(built, out, denort);
        console.log(
          "  ************************************************************************************************",
        );
        console.log(
          "  * denort cannot be downloaded here, so a STAND-IN was compiled in its place (tools/denort/):   *",
        );
        console.log(
          "  * dist/gractl and dist/grad hold what they should, but run by this machine's Deno.             *",
        );
        console.log(
          "  * Set DENORT_BIN to a real denort of this version for executables that run anywhere.           *",
        );
        console.log(
          "  ************************************************************************************************",
        );
      }
      if (fault !== undefined) throw new Error(`Cannot compile ${program}:\n${fault}`);
    });
    console.log(`  ${relative(ROOT, join(DIST, program))}`);
  }
}

const kind = Deno.args[0] === "--compile" ? "compiled" : "launchers";
const want = `${kind} ${await hashOfSources()} ${dirname(Deno.execPath())}`;
const have = (await Deno.readTextFile(STAMP).catch(() => "")).trim();
if (have === want || (kind === "launchers" && have === want.replace("launchers", "compiled"))) Deno.exit(0);

await Deno.mkdir(DIST, { recursive: true });
// What earlier versions of this script made of gractl.
await Deno.remove(join(DIST, "gractl.js")).catch(() => {});
const built: Built[] = [];
for (const program of PROGRAMS) built.push({ program, entry: await bundle(program) });
if (kind === "compiled") {
  await compileAll(built);
} else {
  for (const { program, entry } of built) {
    await replace(join(DIST, program), (out) => Deno.writeTextFile(out, launcher(program, entry)));
  }
}
await Deno.writeTextFile(STAMP, want + "\n");
