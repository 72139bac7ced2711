import assert from "node:assert/strict";
import { join } from "node:path";
import { execute, executeCall, executionDocument } from "../support/execution_document.ts";
import { keysEnv } from "../support/nyc_s3.ts";
import { eventually, pause } from "../support/process.ts";
import { startStsGate } from "../support/sts_gate.ts";
import { suite, type World } from "../support/suite.ts";
import { writeS3Dataset } from "../support/workspace_files.ts";

const scenario = suite();

/** Lists the dataset's files. */
const REQUIRED = ["--dataset", "airlines"];
const LIST = "import os; print(os.listdir('/workspace/data/airlines'))";
const FOUND = "['airlines.parquet']\n";

async function workspace(
  world: World,
  credentials: Record<string, string>,
  endpoint?: string,
): Promise<string> {
  const { backend, s3 } = world;
  const cwd = await world.workspace();
  const bucket = credentials["source"] === "anonymous" ? s3.openBucket : s3.bucket;
  await writeS3Dataset(backend, cwd, {
    name: "airlines",
    endpoint: endpoint ?? s3.server.endpoint,
    bucket,
    prefix: "airlines",
    credentials,
  });
  await Deno.mkdir(join(backend.env["HOME"] ?? "", ".aws"), { recursive: true });
  return cwd;
}

function writeAws(world: World, file: "credentials" | "config", text: string): void {
  Deno.writeTextFileSync(join(world.backend.env["HOME"] ?? "", ".aws", file), text, { mode: 0o600 });
}

scenario("keys come from a profile with static keys", async (world) => {
  const cwd = await workspace(world, { source: "profile", profile: "work" });
  const { accessKeyId, secretAccessKey } = world.s3.reader;
  writeAws(
    world,
    "credentials",
    `[default]\naws_access_key_id = WRONG\naws_secret_access_key = wrong\n\n[work]\n` +
      `aws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`,
  );
  assert.equal((await execute(world.backend, cwd, LIST)).stdout, FOUND);
});

scenario("keys come from a profile's credential_process", async (world) => {
  const cwd = await workspace(world, { source: "profile", profile: "made" });
  const { accessKeyId, secretAccessKey } = world.s3.reader;
  const answer = { Version: 1, AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey };
  const script = join(world.backend.env["HOME"] ?? "", "keys.sh");
  Deno.writeTextFileSync(script, `#!/bin/sh\necho '${JSON.stringify(answer)}'\n`, { mode: 0o700 });
  writeAws(world, "config", `[profile made]\ncredential_process = ${script}\n`);
  assert.equal((await execute(world.backend, cwd, LIST)).stdout, FOUND);

  Deno.writeTextFileSync(script, "#!/bin/sh\necho 'no luck' >&2; exit 7\n", { mode: 0o700 });
  const failed = await executeCall(world.backend, cwd, LIST, { args: REQUIRED });
  assert.equal(failed.exits(2).error().code, "credentials_failed");
});

scenario("keys come from another file, when the description names one", async (world) => {
  const file = join(world.backend.dir, "keys-of-mine");
  const cwd = await workspace(world, { source: "profile", profile: "filed", file });
  const { accessKeyId, secretAccessKey } = world.s3.reader;
  const text = `[filed]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`;
  Deno.writeTextFileSync(file, text, { mode: 0o600 });
  assert.equal((await execute(world.backend, cwd, LIST)).stdout, FOUND);
});

scenario("a profile that is not there is told, with its name", async (world) => {
  const cwd = await workspace(world, { source: "profile", profile: "holiday" });
  const call = await executeCall(world.backend, cwd, LIST, { args: REQUIRED });
  assert.equal(call.exits(2).error().code, "credentials_not_found");
  assert.match(call.error().message, /holiday/);
});

scenario("an open bucket is read without keys, whatever keys there are", async (world) => {
  const cwd = await workspace(world, { source: "anonymous" });
  assert.equal((await execute(world.backend, cwd, LIST)).stdout, FOUND);
  assert.equal((await execute(world.backend, cwd, LIST, { env: keysEnv(world.s3.stranger) })).stdout, FOUND);
  await writeS3Dataset(world.backend, cwd, {
    name: "airlines",
    endpoint: world.s3.server.endpoint,
    bucket: world.s3.bucket,
    credentials: { source: "anonymous" },
  });
  const call = await executeCall(world.backend, cwd, LIST, { args: REQUIRED });
  assert.equal(call.exits(3).error().code, "dataset_access_denied");
});

scenario("temporary keys work until they expire; fresh ones go with the next call", async (world) => {
  await using gate = startStsGate(world.s3.server.endpoint, world.s3.reader, world.backend.host);
  const cwd = await workspace(world, { source: "environment" }, gate.endpoint);
  const keys = gate.issue();
  for (const secret of [keys.secretAccessKey, keys.sessionToken ?? ""]) world.backend.keepSecret(secret);
  const env = keysEnv(keys);
  assert.equal((await execute(world.backend, cwd, LIST, { env })).stdout, FOUND);

  // Of keys whose end nobody knows, code may meet it first: the hint leads to the reason.
  gate.expire(keys);
  const met = await executeCall(world.backend, cwd, LIST, { env, args: REQUIRED });
  if (met.code === 1) assert.match(executionDocument(met).error?.hint ?? "", /airlines/);
  else assert.equal(met.exits(3).error().code, "dataset_credentials_expired");
  // A call asks S3 again when the last look is some seconds old; where it does not wait for the answer, the next one has it.
  const noticed = await eventually("a call notices it", async () => {
    const call = await executeCall(world.backend, cwd, LIST, { env, args: REQUIRED });
    return call.code === 3 ? call : undefined;
  }, 60_000);
  assert.equal(noticed.exits(3).error().code, "dataset_credentials_expired");
  assert.match(noticed.error().message, /airlines/);
  assert.equal((await execute(world.backend, cwd, LIST, { env: keysEnv(gate.issue()) })).stdout, FOUND);

  // `check` says the same, and a runner that has yet to attach it.
  const check = await world.backend.gractl(["dataset", "check", "airlines", "-o", "json"], { cwd, env });
  assert.equal(check.exits(3).error().code, "dataset_credentials_expired");

  const later = ["--runner", "later", ...REQUIRED];
  (await world.backend.gractl(["runner", "create", "later"], { cwd })).exits(0);
  const expired = await executeCall(world.backend, cwd, LIST, { env, args: later });
  assert.equal(expired.exits(3).error().code, "dataset_credentials_expired");
  assert.match(expired.error().message, /airlines/);

  const fresh = gate.issue();
  assert.equal((await execute(world.backend, cwd, LIST, { env: keysEnv(fresh) })).stdout, FOUND);
  const unknown = { ...fresh, sessionToken: "never-issued" };
  const refused = await executeCall(world.backend, cwd, LIST, { env: keysEnv(unknown), args: REQUIRED });
  const codes = ["dataset_credentials_invalid", "dataset_credentials_expired"];
  assert.ok(codes.includes(refused.exits(3).error().code), `${refused}`);
});

scenario("keys that end at a known time are told from then on, before the code starts", async (world) => {
  await using gate = startStsGate(world.s3.server.endpoint, world.s3.reader, world.backend.host);
  const cwd = await workspace(world, { source: "profile", profile: "short" }, gate.endpoint);
  const keys = gate.issue();
  for (const secret of [keys.secretAccessKey, keys.sessionToken ?? ""]) world.backend.keepSecret(secret);
  // The first call, which starts the runner, must succeed before.
  const endsAt = Date.now() + 20_000;
  const answer = {
    Version: 1,
    AccessKeyId: keys.accessKeyId,
    SecretAccessKey: keys.secretAccessKey,
    SessionToken: keys.sessionToken,
    Expiration: new Date(endsAt).toISOString(),
  };
  const script = join(world.backend.env["HOME"] ?? "", "short.sh");
  Deno.writeTextFileSync(script, `#!/bin/sh\necho '${JSON.stringify(answer)}'\n`, { mode: 0o700 });
  writeAws(world, "config", `[profile short]\ncredential_process = ${script}\n`);
  assert.equal((await execute(world.backend, cwd, LIST)).stdout, FOUND);
  await pause(endsAt - Date.now() + 1_000);
  const call = await executeCall(world.backend, cwd, LIST, { args: REQUIRED });
  assert.ok(["credentials_failed", "dataset_credentials_expired"].includes(call.error().code), `${call}`);
});
