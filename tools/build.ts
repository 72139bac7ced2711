/**
 * Puts gractl and grad into dist/: `build.ts --launchers` as bundles that the Deno of this machine runs (no compiler, no downloads),
 * `build.ts --compile` as executables of their own. Does nothing where that is there already, from these very sources.
 *
 * `deno compile` needs denort, which it downloads. Where that cannot be had (and DENORT_BIN names none), tools/denort/ stands in.
 */
import { createHash } from "node:crypto";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { PERMISSIONS } from "./permissions.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const DIST = join(ROOT, "dist");
const STAMP = join(DIST, ".built");
const PROGRAMS = ["gractl", "grad"] as const;
type Program = (typeof PROGRAMS)[number];

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
  const sources = ["deno.json", "deno.lock", "gractl", "grad", "shared", "proto/gen"];
  for (const path of [...sources, "tools/build.ts", "tools/permissions.ts", "tools/denort"]) {
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

/** What esbuild puts where it does not know `require`; `deno bundle` mends it, but not in every bundle. */
const REQUIRE_SHIM =
  /^var __require = \/\* @__PURE__ \*\/ \(\(x\) => [\s\S]{0,400}?Dynamic require of[^\n]*\n\}\);\n/m;
const REQUIRE = `import { createRequire as __createRequire } from "node:module";
var __require = __createRequire(import.meta.url);
`;
/** Where this machine keeps its npm packages, in comments and in names of modules. */
const NPM_CACHE = /(?:[\w.-]*\/)+npm\/[\w.-]+\/(?=[@\w][^"\n]*\.c?m?js)/g;

/** Bundles one program; the same bytes on every machine. */
async function bundle(program: Program): Promise<void> {
  const out = join(DIST, `${program}.js.new`);
  const flags = ["--quiet", "--frozen", "--keep-names", "-o", out];
  await must([Deno.execPath(), "bundle", ...flags, `${program}/main.ts`], { cwd: ROOT });
  const text = (await Deno.readTextFile(out)).replaceAll(NPM_CACHE, "npm/").replace(REQUIRE_SHIM, REQUIRE);
  if (/Dynamic require of/.test(text)) throw new Error(`Cannot build ${program}: the bundle cannot require`);
  await Deno.writeTextFile(out, text);
  await Deno.utime(out, 0, 0);
}

/** A shell script that runs a bundle by this machine's Deno, under the program's permissions. */
function launcher(program: Program): string {
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
exec '${Deno.execPath()}' ${flags.join(" ")} "$here/${program}.js" "$@"
`;
}

/** Puts `path` in place in one step: a program that runs keeps its old file. */
async function replace(path: string, write: (path: string) => Promise<void>): Promise<void> {
  const fresh = `${path}.new`;
  await write(fresh);
  await Deno.chmod(fresh, 0o755);
  await Deno.rename(fresh, path);
}

async function compile(
  program: Program,
  out: string,
  denort: string | undefined,
): Promise<string | undefined> {
  const source = join(DIST, `${program}.js`);
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
  const done = await run([Deno.execPath(), ...args, source], {
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

async function compileAll(): Promise<void> {
  // What stand-ins of earlier builds have unpacked.
  await Deno.remove(join(DIST, ".unpacked"), { recursive: true }).catch(() => {});
  let denort = Deno.env.get("DENORT_BIN");
  for (const program of PROGRAMS) {
    await replace(join(DIST, program), async (out) => {
      let fault = await compile(program, out, denort);
      if (
        fault !== undefined && denort === undefined &&
        /denort|download|dl\.deno\.land|error sending request/i.test(fault)
      ) {
        denort = await standIn();
        fault = await compile(program, out, denort);
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
for (const program of PROGRAMS) await bundle(program);
for (const program of PROGRAMS) {
  await Deno.rename(join(DIST, `${program}.js.new`), join(DIST, `${program}.js`));
}
if (kind === "compiled") {
  await compileAll();
} else {
  for (const program of PROGRAMS) {
    await replace(join(DIST, program), (out) => Deno.writeTextFile(out, launcher(program)));
  }
}
await Deno.writeTextFile(STAMP, want + "\n");
