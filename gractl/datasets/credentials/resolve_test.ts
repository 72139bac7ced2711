import assert from "node:assert/strict";
import type { CredentialsRef } from "../sources/credentials_ref.ts";
import { resolveCredentials } from "./resolve.ts";
import { allOf, awsHome, datasetWith, SECRET } from "./testing/aws_home.ts";

const FIXED = { accessKeyId: "KEYOFANN", secretAccessKey: SECRET, sessionToken: "", expiresAtSeconds: 0 };
const KEYS = `aws_access_key_id = KEYOFANN\naws_secret_access_key = ${SECRET}\n`;

function profile(name: string, file = ""): CredentialsRef {
  return { source: "profile", profile: name, file };
}

Deno.test("resolveCredentials() returns none for public buckets and folders, whatever variables are set", async () => {
  await using home = await awsHome({ credentials: `[default]\n${KEYS}` });
  assert.equal(await resolveCredentials(datasetWith(home, { source: "anonymous" }), home.env), undefined);
  const folder = {
    ...datasetWith(home, { source: "anonymous" }),
    source: { type: "directory", path: "/x" },
  } as const;
  assert.equal(await resolveCredentials(folder, home.env), undefined);
});

Deno.test("resolveCredentials() reads the three variables and does not fall back to a profile", async () => {
  await using home = await awsHome({ credentials: `[default]\n${KEYS}` });
  const dataset = datasetWith(home, { source: "environment" });
  const env = { AWS_ACCESS_KEY_ID: "KEYOFANN", AWS_SECRET_ACCESS_KEY: SECRET };
  assert.deepEqual(await resolveCredentials(dataset, env), FIXED);
  const temporary = await resolveCredentials(dataset, { ...env, AWS_SESSION_TOKEN: "t0k3n" });
  assert.deepEqual(temporary, { ...FIXED, sessionToken: "t0k3n" });
  await assert.rejects(resolveCredentials(dataset, home.env), { code: "credentials_not_found" });
});

const missing: { env: Record<string, string>; want: RegExp }[] = [
  { env: {}, want: /AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set/ },
  { env: { AWS_ACCESS_KEY_ID: "A" }, want: /: AWS_SECRET_ACCESS_KEY is not set/ },
  { env: { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: SECRET }, want: /: AWS_ACCESS_KEY_ID is not set/ },
  { env: { AWS_PROFILE: "x" }, want: /source: profile` \(AWS_PROFILE is set\)/ },
];
for (const { env, want } of missing) {
  Deno.test(`resolveCredentials() names what is missing: ${want.source}`, async () => {
    const dataset = datasetWith({ path: "/nowhere" }, { source: "environment" });
    const error = await resolveCredentials(dataset, env).then(() => undefined, (error) => error);
    assert.equal(error?.code, "credentials_not_found");
    assert.match(`${error.message} ${error.hint}`, want);
    assert.ok(!allOf(error).includes(SECRET));
  });
}

Deno.test("resolveCredentials() refuses a key with a line break, without showing it", async () => {
  const env = { AWS_ACCESS_KEY_ID: "KEYOFANN", AWS_SECRET_ACCESS_KEY: `${SECRET}\nother:key` };
  const error = await resolveCredentials(datasetWith({ path: "/nowhere" }, { source: "environment" }), env)
    .then(() => undefined, (error) => error);
  assert.equal(error?.code, "credentials_failed");
  assert.match(error.message, /AWS_SECRET_ACCESS_KEY contains a space/);
  assert.ok(!allOf(error).includes(SECRET));
});

Deno.test("resolveCredentials() reads static keys of a profile, AWS_PROFILE or default", async () => {
  await using home = await awsHome({
    credentials:
      `[default]\naws_access_key_id=D\naws_secret_access_key=d\n[work]\n${KEYS}aws_session_token = t0k3n\n`,
    config: `[profile research team]\n${KEYS}`,
  });
  const keys = (name: string, env = {}) =>
    resolveCredentials(datasetWith(home, profile(name)), { ...home.env, ...env });
  assert.deepEqual(await keys("work"), { ...FIXED, sessionToken: "t0k3n" });
  assert.deepEqual(await keys("research team"), FIXED);
  assert.equal((await keys(""))?.accessKeyId, "D");
  assert.equal((await keys("", { AWS_PROFILE: "research team" }))?.accessKeyId, "KEYOFANN");
});

Deno.test("resolveCredentials() reads the AWS files that the environment names", async () => {
  await using home = await awsHome();
  const file = await home.write("elsewhere/keys", `[work]\n${KEYS}`);
  const env = { ...home.env, AWS_SHARED_CREDENTIALS_FILE: file, AWS_CONFIG_FILE: "/nowhere" };
  assert.deepEqual(await resolveCredentials(datasetWith(home, profile("work")), env), FIXED);
});

for (
  const [name, files, want] of [
    ["names the known profiles", { credentials: `[work]\n${KEYS}` }, /Known profiles: work\./],
    ["reports missing AWS files", {}, /run `aws configure`/],
  ] as const
) {
  Deno.test(`resolveCredentials() ${name} where the wanted one is missing`, async () => {
    await using home = await awsHome(files);
    const error = await resolveCredentials(datasetWith(home, profile("holiday")), home.env).then(
      () => undefined,
      (e) => e,
    );
    assert.equal(error?.code, "credentials_not_found");
    assert.match(error.message, /"holiday"/);
    assert.match(error.hint, want);
    assert.ok(!allOf(error).includes(SECRET));
  });
}

Deno.test("resolveCredentials() reports a profile without any source of keys", async () => {
  await using home = await awsHome({ config: "[profile empty]\nregion = eu-central-1\n" });
  await assert.rejects(resolveCredentials(datasetWith(home, profile("empty")), home.env), {
    code: "credentials_failed",
    message: /neither keys nor SSO/,
    hint: /aws configure --profile empty/,
  });
});
