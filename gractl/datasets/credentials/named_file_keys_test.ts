import assert from "node:assert/strict";
import { join } from "node:path";
import { namedFileKeys } from "./named_file_keys.ts";
import { resolveCredentials } from "./resolve.ts";
import { allOf, type AwsHome, awsHome, datasetWith, SECRET } from "./testing/aws_home.ts";

const KEYS = `aws_access_key_id = KEYOFANN\naws_secret_access_key = ${SECRET}\n`;

function keysOf(home: AwsHome, file: string, profile = "work") {
  return resolveCredentials(datasetWith(home, { source: "profile", profile, file }), home.env);
}

Deno.test("namedFileKeys() reads static keys from a file outside the workspace", async () => {
  await using home = await awsHome({
    credentials: "[work]\naws_access_key_id=OTHER\naws_secret_access_key=other\n",
  });
  const file = await home.write("keys", `[work]\n${KEYS}[profile named]\n${KEYS}aws_session_token=t0k3n\n`);
  await home.write("home/keys", `[work]\n${KEYS}`);
  const want = { accessKeyId: "KEYOFANN", secretAccessKey: SECRET, sessionToken: "", expiresAtSeconds: 0 };
  assert.deepEqual(await keysOf(home, file), want);
  assert.deepEqual(await keysOf(home, "~/keys"), want);
  assert.deepEqual(await keysOf(home, file, "named"), { ...want, sessionToken: "t0k3n" });
});

Deno.test("namedFileKeys() runs no program and calls no service that a named file configures", async () => {
  await using home = await awsHome();
  const proof = join(home.path, "was-run");
  const script = await home.script(
    "evil.sh",
    `touch ${proof}; echo '{"Version":1,"AccessKeyId":"A","SecretAccessKey":"b"}'`,
  );
  for (
    const way of [
      `credential_process = ${script}`,
      `role_arn = arn:aws:iam::1:role/x\nsource_profile = work\n${KEYS}`,
      "sso_start_url = https://evil.example.com",
      "credential_source = Environment",
      "web_identity_token_file = /x",
    ]
  ) {
    const file = await home.write("keys", `[work]\n${way}\n`);
    const error = await keysOf(home, file).then(() => undefined, (error) => error);
    assert.equal(error?.code, "credentials_failed", way);
    assert.match(error.message, /only keys are read/);
    assert.ok(!allOf(error).includes(SECRET));
  }
  await assert.rejects(Deno.stat(proof), Deno.errors.NotFound);
});

Deno.test("namedFileKeys() reads no file in the workspace, also not through a link or `..`", async () => {
  await using home = await awsHome();
  const inside = await home.write("workspace/keys", `[work]\n${KEYS}`);
  const link = join(home.path, "link");
  await Deno.symlink(inside, link);
  for (const file of [inside, link, join(home.path, "home/../workspace/keys")]) {
    const error = await keysOf(home, file).then(() => undefined, (error) => error);
    assert.equal(error?.code, "credentials_failed", file);
    assert.match(error.message, /is in the workspace/);
  }
});

for (
  const [name, file, code, want] of [
    ["a missing file", "/nowhere/keys", "credentials_not_found", /does not exist/],
    ["a folder", "/tmp", "credentials_failed", /not a credentials file/],
    ["a device", "/dev/zero", "credentials_failed", /not a credentials file/],
  ] as const
) {
  Deno.test(`namedFileKeys() refuses ${name}`, async () => {
    await using home = await awsHome();
    await assert.rejects(keysOf(home, file), { code, message: want });
  });
}

Deno.test("namedFileKeys() names the missing profile or key, and quotes nothing of the file", async () => {
  await using home = await awsHome();
  const file = await home.write("keys", `[work]\naws_secret_access_key = ${SECRET}\n`);
  for (
    const [profile, want] of [["work", /lacks aws_access_key_id/], [
      "home",
      /Use one of its profiles: work/,
    ]] as const
  ) {
    const error = await keysOf(home, file, profile).then(() => undefined, (error) => error);
    assert.equal(error?.code, "credentials_not_found");
    assert.match(`${error.message} ${error.hint}`, want);
    assert.ok(!allOf(error).includes(SECRET));
  }
});

Deno.test("namedFileKeys() uses the profile of AWS_PROFILE, or the default one, where the dataset names none", async () => {
  await using home = await awsHome();
  const file = await home.write(
    "keys",
    `[default]\n${KEYS}[work]\naws_access_key_id = KEYOFWORK\naws_secret_access_key = ${SECRET}\n`,
  );
  const { file: datasetFile, name: dataset } = datasetWith(home, { source: "profile", profile: "", file });
  const idOf = async (env: Readonly<Record<string, string>>) =>
    (await namedFileKeys({ dataset, datasetFile, profile: "", file }, env)).accessKeyId;
  assert.equal(await idOf(home.env), "KEYOFANN");
  assert.equal(await idOf({ ...home.env, AWS_PROFILE: "work" }), "KEYOFWORK");
});

Deno.test("namedFileKeys() reads a file of exactly 1 MiB, and says which dataset a longer one is for", async () => {
  await using home = await awsHome();
  const file = await home.write("keys", `[work]\n${KEYS}#`.padEnd(2 ** 20, "x"));
  assert.equal((await keysOf(home, file))?.accessKeyId, "KEYOFANN");
  await home.write("keys", `[work]\n${KEYS}#`.padEnd(2 ** 20 + 1, "x"));
  await assert.rejects(keysOf(home, file), {
    code: "credentials_failed",
    message: `Cannot find the keys of dataset "flights": "${file}" is not a credentials file`,
  });
});

Deno.test("namedFileKeys() follows no link: one that code put in the file's place leads to no other keys", async () => {
  await using home = await awsHome();
  const own = await home.write("home/.aws/credentials", `[work]\n${KEYS}`);
  const named = await home.write("project/keys", `[work]\n${KEYS}`);
  await keysOf(home, named);
  await Deno.remove(named);
  await Deno.symlink(own, named);
  await assert.rejects(keysOf(home, named), {
    code: "credentials_failed",
    message: /is a link, or reached by one/,
  });
  await Deno.remove(named);
  await Deno.symlink(join(home.path, "home/.aws"), join(home.path, "linked"));
  await assert.rejects(keysOf(home, join(home.path, "linked/credentials")), { code: "credentials_failed" });
});
