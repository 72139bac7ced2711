import assert from "node:assert/strict";
import { execute, executeCall, touch } from "../support/execution_document.ts";
import type { ProcessInfo } from "../support/proc.ts";
import { isAlive, killProcess } from "../support/proc.ts";
import { eventually, run } from "../support/process.ts";
import { suite, type World } from "../support/suite.ts";
import { writeDirectoryDataset, writeS3Dataset } from "../support/workspace_files.ts";

// The same by kills in a pod: tests/cluster/faults_datasets_test.ts.
const scenario = suite({ only: "local" });

const ROUNDS = 10;

/** A program that lists both datasets until `stop` exists, then writes how often it saw what. */
const LOOP = `
import collections, json, os, sys
seen = collections.Counter()
while not os.path.exists("/workspace/outputs/" + sys.argv[1]):
    for name in ("airlines", "files"):
        try: seen["full" if os.listdir("/workspace/data/" + name) else "empty"] += 1
        except OSError as error: seen[type(error).__name__] += 1
json.dump(seen, open("/workspace/outputs/" + sys.argv[1] + ".json", "w"))
`;

async function attached(world: World): Promise<string> {
  const cwd = await world.workspace();
  const { server, bucket } = world.s3;
  await writeS3Dataset(world.backend, cwd, {
    name: "airlines",
    endpoint: server.endpoint,
    bucket,
    prefix: "airlines",
  });
  const folder = `${world.backend.dir}/files`;
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(`${folder}/a.txt`, "a");
  await writeDirectoryDataset(world.backend, cwd, "files", folder);
  await execute(world.backend, cwd, "1", { env: world.s3.env });
  return cwd;
}

/** What a loop of listings in the sandbox has seen while `body` ran. */
async function listing(
  { world, cwd, stop }: { world: World; cwd: string; stop: string },
  body: () => Promise<void>,
): Promise<Record<string, number>> {
  const env = world.s3.env;
  const begin = `import subprocess, sys
listing = subprocess.Popen([sys.executable, "-c", ${JSON.stringify(LOOP)}, ${JSON.stringify(stop)}])`;
  await execute(world.backend, cwd, begin, { env });
  await body();
  await touch(world.backend, cwd, `outputs/${stop}`);
  const end = `listing.wait(); print(open("outputs/${stop}.json").read())`;
  return JSON.parse((await execute(world.backend, cwd, end, { env })).stdout);
}

function processes(world: World, pattern: RegExp): ProcessInfo[] {
  return world.backend.processes().filter(({ argv }) => pattern.test(argv));
}

async function kill(world: World, pattern: RegExp): Promise<void> {
  const found = processes(world, pattern);
  assert.notEqual(found.length, 0, `${pattern} does not run`);
  for (const info of found) killProcess(info);
  await eventually(`the end of ${pattern}`, () => found.some(isAlive) ? undefined : true);
}

const S3FS = /^s3fs -f /;
const DATA = /^\S*python\S* .*grad_runner\.data /;
const AGENT = /^\S*python\S* .*grad_runner\.agent /;

/** Waits until code runs, and with it all datasets are attached again. */
async function recovered(world: World, cwd: string): Promise<void> {
  await eventually("the runner has recovered", async () => {
    const call = await executeCall(world.backend, cwd, "1", { env: world.s3.env });
    return call.code === 0 ? true : undefined;
  }, 60_000);
}

/** Lets its owner open the folder below the mount, as it once was. */
async function openMountPoint(world: World, name: string): Promise<void> {
  const [data] = processes(world, DATA);
  assert.ok(data !== undefined);
  const root = /--mount-root (\S+)/.exec(data.argv)?.[1] ?? "";
  // A plain user is the runner's user already; root becomes it.
  const user = Deno.uid() === 0 ? ["--user"] : ["--user", "--preserve-credentials"];
  const script =
    `mkdir -p "$1.bare" && mount --bind "$1" "$1.bare" && chmod 0700 "$1.bare/$2" && umount "$1.bare"`;
  const argv = ["nsenter", "-t", `${data.pid}`, ...user, "--mount", "sh", "-c", script, "sh", root, name];
  const ended = await run(argv, { env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" }, cwd: "/" });
  assert.equal(ended.code, 0, ended.stderr);
}

scenario("an unmounted dataset is an empty folder where its owner may open what is below", async (world) => {
  const cwd = await attached(world);
  // The window is short: about one kill in four shows it.
  for (let attempt = 1;; attempt++) {
    const seen = await listing({ world, cwd, stop: `unprotected-${attempt}` }, async () => {
      for (let kills = 0; kills < 3; kills++) {
        await openMountPoint(world, "airlines");
        await kill(world, DATA);
        await recovered(world, cwd);
      }
    });
    if ((seen["empty"] ?? 0) > 0) return;
    assert.ok(attempt < ROUNDS, JSON.stringify(seen));
  }
}, { deadlineMs: 400_000 });

scenario("no listing is empty while what serves the datasets is killed again and again", async (world) => {
  const cwd = await attached(world);
  const seen = await listing({ world, cwd, stop: "protected" }, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      await kill(world, S3FS);
      await eventually("another s3fs", () => processes(world, S3FS).length > 0 ? true : undefined);
      await kill(world, DATA);
      await kill(world, AGENT);
      await recovered(world, cwd);
    }
  });
  assert.ok((seen["full"] ?? 0) > 0 && Object.keys(seen).length > 1, JSON.stringify(seen));
  assert.equal(seen["empty"], undefined, JSON.stringify(seen));
}, { deadlineMs: 400_000 });
