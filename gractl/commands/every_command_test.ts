import assert from "node:assert/strict";
import { VERSION } from "../../shared/version.ts";
import { assertGolden } from "../../shared/testing/golden.ts";
import { writeContexts } from "../auth/testing/context_home.ts";
import { fakeKubectl, unsignedToken } from "../auth/testing/tokens.ts";
import { cli, tree } from "../cli.ts";
import type { GradClient } from "../client/grad_client.ts";
import { DATASET_FILES, exampleGrad, FILES, GRAD_STATUS, KEYS } from "../testing/examples.ts";
import { type Circumstances, fakeDeps } from "../testing/fake_deps.ts";
import { eventsOf, EXECUTION, INFO, scripted, STARTED, SUCCEEDED, utf8 } from "../testing/fake_grad.ts";
import { CONFIG, tempDir } from "../workspace/testing/temp_dir.ts";
import { runCommand } from "./testing/run_command.ts";

/** A grad that runs any code with the same output. */
function runningGrad(): GradClient {
  const events = eventsOf(STARTED, { type: "stdout", data: utf8("hello\n") }, SUCCEEDED);
  return exampleGrad({ executions: scripted(events) });
}

/** A grad that accepts uploads and has a file of four bytes. */
function storingGrad(): GradClient {
  return exampleGrad({
    files: {
      read: () => Promise.resolve({ data: utf8("a,b\n"), totalBytes: 4, revision: "1", mode: 0o644 }),
      beginUpload: () => Promise.resolve({ uploadId: "u", offset: 0 }),
      writeUpload: ({ offset, data }) => Promise.resolve(offset + data.length),
      finishUpload: () => Promise.resolve({ ...FILES[1]!, bytes: 8 }),
    },
  });
}

const localGrad: NonNullable<Circumstances["localGrad"]> = {
  connect: () => Promise.resolve({ ...exampleGrad(), info: { ...INFO, version: VERSION } }),
  status: () => Promise.resolve(GRAD_STATUS),
  start: () => Promise.resolve({ ...GRAD_STATUS, started: true }),
  stop: () => Promise.resolve({ stopped: true }),
};

const kubectl = fakeKubectl({
  currentContext: () => Promise.resolve("production"),
  createToken: () => Promise.resolve(unsignedToken({ aud: "grad", exp: 1_795_449_600 })),
  readConfigMap: () => Promise.resolve("-----BEGIN CERTIFICATE-----\n"),
});

/** A command line; DIR is a folder with a workspace in `DIR/w`. Its golden file is named after its command and `variant`. */
type Example = Readonly<{ args: readonly string[]; variant?: string; client?: GradClient }>;

const examples: readonly Example[] = [
  { args: ["execute-code", "--code", "print('hello')"], client: runningGrad() },
  { args: ["sql", "SELECT 1"], client: runningGrad() },
  { args: ["execution", "list"] },
  { args: ["execution", "get", EXECUTION.id] },
  { args: ["execution", "attach", EXECUTION.id], client: runningGrad() },
  { args: ["execution", "interrupt", EXECUTION.id] },
  { args: ["session", "list"] },
  { args: ["session", "get", "default"] },
  { args: ["session", "reset", "default"] },
  { args: ["session", "delete", "default"] },
  { args: ["runner", "create", "runner-1"] },
  { args: ["runner", "list"] },
  { args: ["runner", "get", "runner-1"] },
  { args: ["runner", "get", "ended"], variant: "ended" },
  { args: ["runner", "get", "paused"], variant: "paused" },
  { args: ["runner", "pause", "runner-1"] },
  { args: ["runner", "resume", "runner-1"] },
  { args: ["runner", "destroy", "runner-1"] },
  { args: ["runner", "logs", "runner-1"] },
  { args: ["file", "list", "outputs"] },
  { args: ["file", "get", "outputs/t.csv", "DIR/t.csv"], client: storingGrad() },
  { args: ["file", "put", "DIR/t.txt", "outputs/"], client: storingGrad() },
  { args: ["dataset", "add", "extra", "s3://nyc/extra"] },
  { args: ["dataset", "list"] },
  { args: ["dataset", "get", "flights"], variant: "s3" },
  { args: ["dataset", "get", "shelf"], variant: "directory" },
  { args: ["dataset", "check", "flights"] },
  { args: ["dataset", "remove", "flights"] },
  { args: ["workspace", "init", "DIR/new"] },
  { args: ["workspace", "status"] },
  { args: ["workspace", "trust", "--yes"] },
  { args: ["config", "get"] },
  { args: ["config", "set", "runner", "big"] },
  {
    args: [
      "login",
      "analytics",
      "--address",
      "https://grad.example.com:50051",
      "--service-account",
      "analysts/ann",
    ],
  },
  { args: ["context", "list"] },
  { args: ["context", "use", "local"] },
  { args: ["context", "remove", "lab"] },
  { args: ["grad", "start"] },
  { args: ["grad", "status"] },
  { args: ["grad", "stop"] },
  { args: ["doctor"] },
  { args: ["version"] },
];

/** Command lines whose output is for a shell, with a pattern of the output. */
const forShells: readonly (readonly [args: readonly string[], output: RegExp])[] = [
  [["completion", "bash"], /^complete .*gractl$/m],
  [["completion", "zsh"], /^compdef _gractl gractl$/m],
  [["completion", "fish"], /^complete -c gractl /m],
  [["complete", "--", "run"], /^runner\t/m],
  [["help", "runner"], /^Usage: gractl runner /],
];

/** The output of a command line that must succeed. Each call has a new workspace, because some commands change it. */
async function printed(
  args: readonly string[],
  options: { client: GradClient; format?: "json" },
): Promise<string> {
  await using dir = await tempDir();
  const files = { "t.txt": "contents", "w/config.yaml": CONFIG };
  for (const [name, text] of Object.entries(files)) await dir.write(name, text);
  await writeContexts(`${dir.path}/home/ann`, { lab: "https://lab.example.com" });
  for (const [name, text] of Object.entries(DATASET_FILES)) await dir.write(`w/${name}`, text);
  const { exit, stdout, stderr } = await runCommand(args.map((arg) => arg.replace(/^DIR(?=\/)/, dir.path)), {
    ...options,
    cwd: `${dir.path}/w`,
    env: { ...KEYS, HOME: `${dir.path}/home/ann` },
    localGrad,
    kubectl,
    dialNetwork: () => Promise.resolve(exampleGrad()),
  });
  assert.equal(exit, 0, stdout + stderr);
  if (options.format === "json") assert.equal(stderr, "");
  return stdout.replaceAll(dir.path, "").replaceAll(VERSION, "VERSION").replaceAll(
    Deno.version.deno,
    "DENO_VERSION",
  )
    .replaceAll(`${Deno.build.os}-${Deno.build.arch}`, "PLATFORM");
}

function pathOf(args: readonly string[]): string {
  const known = new Set([...tree(cli(fakeDeps(), () => {}))].map(([path]) => path));
  const two = `gractl ${args.slice(0, 2).join(" ")}`;
  return known.has(two) ? two : `gractl ${args[0]}`;
}

Deno.test("every command has an example here", () => {
  const leaves = [...tree(cli(fakeDeps(), () => {}))].filter(([, { commands }]) => commands.length === 0);
  const shown = new Set(
    [...examples.map(({ args }) => args), ...forShells.map(([args]) => args)].map(pathOf),
  );
  assert.deepEqual(leaves.map(([path]) => path).filter((path) => !shown.has(path)), []);
});

for (const { args, variant, client = exampleGrad() } of examples) {
  const name = [...pathOf(args).split(" ").slice(1), ...variant === undefined ? [] : [variant]].join("_");
  Deno.test(`gractl ${args.join(" ")} prints what its golden file shows, and no key`, async () => {
    const text = await printed(args, { client });
    const json = JSON.stringify(JSON.parse(await printed(args, { client, format: "json" })), undefined, 2);
    const both = `--- text\n${text}--- json\n${json}\n`;
    for (const key of Object.values(KEYS)) assert.ok(!both.includes(key));
    await assertGolden(both, new URL(`testdata/${name}.golden`, import.meta.url));
  });
}

for (const [args, output] of forShells) {
  Deno.test(`gractl ${args.join(" ")} prints what a shell reads`, async () => {
    const { exit, stdout, stderr } = await runCommand(args);
    assert.deepEqual([exit, stderr], [0, ""]);
    assert.match(stdout, output);
  });
}
