/**
 * Writes the code that is generated from proto/: TypeScript to proto/gen, Python to runner/grad_runner/gen; and below the latter the
 * constants of shared/ that Python needs, too.
 * `deno task generate` writes; `deno task generate --check` fails when what is committed is not what would be written.
 */
import { dirname, join } from "node:path";
import { fileURLToPath as fromFileUrl } from "node:url";
import { ERROR_CODES } from "../shared/error_codes.ts";
import * as limits from "../shared/limits.ts";
import { VERSION } from "../shared/version.ts";
import { ERROR_DOMAIN, HINT, STATUS_DETAILS } from "../shared/wire_error.ts";
import { constantsModule, errorsModule, plainModule } from "./generate/python_constants.ts";
import { npmTool } from "./npm_tool.ts";

const ROOT = fromFileUrl(new URL("../", import.meta.url));
/** Folders of proto/ from which Python code is generated, too. */
const PYTHON_PACKAGES = ["grad/v1", "runner/v1", "google/rpc"];
const PROTOS = PYTHON_PACKAGES.flatMap((pkg) =>
  [...Deno.readDirSync(join(ROOT, "proto", pkg))].map((entry) => `${pkg}/${entry.name}`)
).sort();

async function run(command: string[], options: { cwd?: string; env?: Record<string, string> } = {}) {
  const { success } = await new Deno.Command(command[0]!, { args: command.slice(1), ...options }).output()
    .then((out) => {
      if (!out.success) {
        console.error(new TextDecoder().decode(out.stdout), new TextDecoder().decode(out.stderr));
      }
      return out;
    });
  if (!success) throw new Error(`${command.slice(0, 4).join(" ")} … failed`);
}

async function typescript(out: string): Promise<void> {
  const scratch = await Deno.makeTempDir();
  try {
    const plugin = join(scratch, "protoc-gen-ts_proto");
    const command = npmTool("ts-proto", "protoc-gen-ts_proto").map((word) => `'${word}'`).join(" ");
    await Deno.writeTextFile(plugin, `#!/bin/sh\nexec ${command}\n`);
    await Deno.chmod(plugin, 0o755);
    const opt =
      "outputServices=grpc-js,esModuleInterop=true,importSuffix=.ts,env=both,useOptionals=messages," +
      "oneof=unions-value,forceLong=bigint,outputIndex=false,comments=true";
    const template = JSON.stringify({
      version: "v2",
      plugins: [{ local: plugin, out, opt, include_imports: false }],
    });
    await run([...npmTool("@bufbuild/buf", "buf"), "generate", "--template", template], {
      cwd: join(ROOT, "proto"),
    });
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}

/** All our descriptors as one constant, for reflection: a compiled grad has no files beside it. */
async function descriptors(out: string): Promise<void> {
  const image = await Deno.makeTempFile({ suffix: ".binpb" });
  try {
    const packages = ["grad", "grpc"].flatMap((path) => ["--path", path]);
    await run([
      ...npmTool("@bufbuild/buf", "buf"),
      "build",
      ...packages,
      "--as-file-descriptor-set",
      "--exclude-source-info",
      "-o",
      image,
    ], { cwd: join(ROOT, "proto") });
    const text = (await Deno.readFile(image)).toBase64();
    await Deno.writeTextFile(
      join(out, "descriptors.ts"),
      "// Written by tools/generate.ts. DO NOT EDIT.\n\n" +
        "/** A google.protobuf.FileDescriptorSet of grad.v1 and what it imports, in base64. */\n" +
        `export const DESCRIPTORS =\n  "${text}";\n`,
    );
  } finally {
    await Deno.remove(image);
  }
}

async function python(out: string): Promise<void> {
  const interpreter = Deno.env.get("GRAD_DEV_PYTHON");
  if (!interpreter) throw new Error("GRAD_DEV_PYTHON is not set: run this by `make generate`");
  await Deno.mkdir(out, { recursive: true });
  const flags = ["--python_out", "--pyi_out", "--grpc_python_out"].map((flag) => `${flag}=${out}`);
  await run([interpreter, "-m", "grpc_tools.protoc", "-I", join(ROOT, "proto"), ...flags, ...PROTOS]);
  // protoc writes imports from the top of its output folder; ours is a package below grad_runner.
  for (const pkg of ["", "grad", "runner", "google", ...PYTHON_PACKAGES]) {
    const folder = join(out, pkg);
    await Deno.writeTextFile(join(folder, "__init__.py"), "");
    for (const entry of Deno.readDirSync(folder)) {
      if (!entry.isFile || !/\.pyi?$/.test(entry.name)) continue;
      const file = join(folder, entry.name);
      const text = await Deno.readTextFile(file);
      await Deno.writeTextFile(
        file,
        text.replaceAll(/^from (grad|runner)\.v1 import/gm, "from grad_runner.gen.$1.v1 import"),
      );
    }
  }
}

/** What Python needs of shared/. */
async function constants(out: string): Promise<void> {
  const folder = join(out, "shared");
  await Deno.mkdir(folder, { recursive: true });
  const source = await Deno.readTextFile(join(ROOT, "shared/limits.ts"));
  const files = {
    "__init__.py": "",
    "errors.py": errorsModule(ERROR_CODES),
    "limits.py": constantsModule(limits, { source, from: "shared/limits.ts" }),
    "version.py": plainModule("The version of deno.json.", { VERSION }),
    "wire.py": plainModule("The constants of shared/wire_error.ts.", { STATUS_DETAILS, ERROR_DOMAIN, HINT }),
  };
  for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(join(folder, name), text);
}

/** Relative paths of all files below `folder`, with their bytes as text. */
async function snapshot(folder: string, below = ""): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const entry of Deno.readDir(join(folder, below))) {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.name === "__pycache__") continue;
    if (entry.isDirectory) { for (const [k, v] of await snapshot(folder, path)) found.set(k, v); }
    else found.set(path, await Deno.readTextFile(join(folder, path)));
  }
  return found;
}

const targets: [string, (out: string) => Promise<void>][] = [
  [join(ROOT, "proto/gen"), (out) => typescript(out).then(() => descriptors(out))],
  [join(ROOT, "runner/grad_runner/gen"), (out) => python(out).then(() => constants(out))],
];
let stale = 0;
for (const [committed, write] of targets) {
  if (!Deno.args.includes("--check")) {
    // Written elsewhere first: a failure leaves what is committed as it was.
    const fresh = await Deno.makeTempDir({ dir: dirname(committed), prefix: ".generated-" });
    try {
      await write(fresh);
      await Deno.chmod(fresh, 0o755);
      await Deno.remove(committed, { recursive: true }).catch(() => {});
      await Deno.rename(fresh, committed);
    } finally {
      await Deno.remove(fresh, { recursive: true }).catch(() => {});
    }
    continue;
  }
  const scratch = await Deno.makeTempDir();
  try {
    await write(scratch);
    const [have, want] = [await snapshot(committed), await snapshot(scratch)];
    for (const path of new Set([...have.keys(), ...want.keys()])) {
      if (have.get(path) === want.get(path)) continue;
      stale++;
      console.error(`${committed}/${path} is not current: run \`make generate\``);
    }
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}
if (stale > 0) Deno.exit(1);
