import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { resolveCredentials } from "./resolve.ts";
import { allOf, type AwsHome, awsHome, datasetWith, SECRET } from "./testing/aws_home.ts";

const LATER = new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 3_600_000);
const SOON = Math.floor(LATER.getTime() / 1_000);

function keysOf(home: AwsHome, profile: string) {
  return resolveCredentials(datasetWith(home, { source: "profile", profile, file: "" }), home.env);
}

async function failureOf(home: AwsHome, profile: string) {
  const error = await keysOf(home, profile).then(() => undefined, (error) => error);
  assert.equal(error?.code, "credentials_failed", allOf(error));
  assert.match(error.message, new RegExp(`dataset "flights" from the AWS profile "${profile}": `));
  for (const secret of [SECRET, "t0k3n"]) assert.ok(!allOf(error).includes(secret), allOf(error));
  return error;
}

Deno.test("sdkKeys() runs the credential_process of the user's own profile", async () => {
  await using home = await awsHome();
  const answer = {
    Version: 1,
    AccessKeyId: "ASIATEMP",
    SecretAccessKey: SECRET,
    SessionToken: "t0k3n",
    Expiration: LATER,
  };
  const script = await home.script("keys.sh", `echo '${JSON.stringify(answer)}'`);
  await home.write("home/.aws/config", `[profile made]\ncredential_process = ${script} --verbose\n`);
  assert.deepEqual(await keysOf(home, "made"), {
    accessKeyId: "ASIATEMP",
    secretAccessKey: SECRET,
    sessionToken: "t0k3n",
    expiresAtSeconds: SOON,
  });
  await home.script("keys.sh", `echo '${JSON.stringify({ ...answer, Expiration: undefined })}'`);
  assert.equal((await keysOf(home, "made"))?.expiresAtSeconds, 0);
});

const OLD = new Date(0).toISOString();
for (
  const [name, body, want] of [
    ["fails", `echo "no luck: ${SECRET}" >&2; exit 7`, /credential_process failed/],
    ["does not exist", undefined, /credential_process failed/],
    ["prints no JSON", `echo "${SECRET}"`, /printed no JSON/],
    ["prints another version", `echo '{"Version":2}'`, /no "Version": 1/],
    ["prints no keys", `echo '{"Version":1,"SecretAccessKey":"${SECRET}"}'`, /printed no keys/],
    [
      "prints old keys",
      `echo '{"Version":1,"AccessKeyId":"A","SecretAccessKey":"${SECRET}","Expiration":"${OLD}"}'`,
      /have expired/,
    ],
  ] as const
) {
  Deno.test(`sdkKeys() explains a credential_process that ${name}, and shows neither command nor output`, async () => {
    await using home = await awsHome();
    const script = body === undefined ? "/nowhere/keys.sh" : await home.script("keys.sh", body);
    await home.write(
      "home/.aws/config",
      `[profile made]\ncredential_process = ${script} --secret ${SECRET}\n`,
    );
    assert.match((await failureOf(home, "made")).message, want);
  });
}

/** A server on loopback that responds like AWS. */
function awsStub(answer: (request: Request) => Response | Promise<Response>) {
  const requests: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    requests.push(`${request.method} ${new URL(request.url).pathname}`);
    return await answer(request);
  });
  return {
    endpoint: `http://127.0.0.1:${server.addr.port}`,
    requests,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

const SSO = `[profile sso]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = Reader
[sso-session corp]
sso_start_url = https://corp.awsapps.example/start
sso_region = eu-central-1
`;

async function ssoHome(endpoint: string, expiresAt: string | undefined): Promise<AwsHome> {
  const home = await awsHome({ config: SSO }, {
    AWS_ENDPOINT_URL_SSO: endpoint,
    AWS_ENDPOINT_URL_SSO_OIDC: endpoint,
  });
  const name = createHash("sha1").update("corp").digest("hex");
  const login = {
    accessToken: "t0k3n",
    expiresAt,
    region: "eu-central-1",
    startUrl: "https://corp.awsapps.example/start",
  };
  if (expiresAt !== undefined) await home.write(`home/.aws/sso/cache/${name}.json`, JSON.stringify(login));
  return home;
}

Deno.test("sdkKeys() gets keys for the SSO login in the cache", async () => {
  const roleCredentials = {
    accessKeyId: "ASIASSO",
    secretAccessKey: SECRET,
    sessionToken: "t0k3n2",
    expiration: LATER.getTime(),
  };
  await using aws = awsStub((request) => {
    assert.equal(request.headers.get("x-amz-sso_bearer_token"), "t0k3n");
    return Response.json({ roleCredentials });
  });
  await using home = await ssoHome(aws.endpoint, LATER.toISOString());
  assert.deepEqual(await keysOf(home, "sso"), {
    accessKeyId: "ASIASSO",
    secretAccessKey: SECRET,
    sessionToken: "t0k3n2",
    expiresAtSeconds: SOON,
  });
  assert.deepEqual(aws.requests, ["GET /federation/credentials"]);
});

for (
  const [name, expiresAt, status, want] of [
    ["nobody has logged in", undefined, 200, /no SSO login/],
    ["the login has expired", OLD, 200, /login has expired|no SSO login/],
    ["the portal rejects the login", LATER.toISOString(), 401, /no longer valid/],
  ] as const
) {
  Deno.test(`sdkKeys() hints how to log in when ${name}`, async () => {
    await using aws = awsStub(() =>
      Response.json({ message: "Session token not found or invalid" }, {
        status,
        headers: { "x-amzn-errortype": "UnauthorizedException" },
      })
    );
    await using home = await ssoHome(aws.endpoint, expiresAt);
    const error = await failureOf(home, "sso");
    assert.match(error.message, want);
    assert.match(error.hint, /aws sso login --profile sso/);
  });
}

const ROLE = `[profile role]
role_arn = arn:aws:iam::123456789012:role/Reader
source_profile = base
region = eu-central-1
[profile base]
aws_access_key_id = KEYOFANN
aws_secret_access_key = ${SECRET}
`;

function sts(body: string, status = 200): Response {
  return new Response(body, { status, headers: { "content-type": "text/xml" } });
}

Deno.test("sdkKeys() assumes a role with the keys of its source profile", async () => {
  await using aws = awsStub(async (request) => {
    const form = new URLSearchParams(await request.text());
    assert.equal(form.get("Action"), "AssumeRole");
    assert.equal(form.get("RoleArn"), "arn:aws:iam::123456789012:role/Reader");
    assert.match(request.headers.get("authorization") ?? "", /Credential=KEYOFANN\//);
    return sts(`<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
      <Credentials><AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>${SECRET}</SecretAccessKey>
      <SessionToken>t0k3n</SessionToken><Expiration>${LATER.toISOString()}</Expiration></Credentials>
      </AssumeRoleResult></AssumeRoleResponse>`);
  });
  await using home = await awsHome({ config: ROLE }, { AWS_ENDPOINT_URL_STS: aws.endpoint });
  assert.deepEqual(await keysOf(home, "role"), {
    accessKeyId: "ASIAROLE",
    secretAccessKey: SECRET,
    sessionToken: "t0k3n",
    expiresAtSeconds: SOON,
  });
});

Deno.test("sdkKeys() quotes the response of AWS about a role", async () => {
  const body = `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>
    <Code>AccessDenied</Code><Message>User ann is not authorized to perform: sts:AssumeRole</Message></Error></ErrorResponse>`;
  await using aws = awsStub(() => sts(body, 403));
  await using home = await awsHome({ config: ROLE }, { AWS_ENDPOINT_URL_STS: aws.endpoint });
  const error = await failureOf(home, "role");
  assert.match(error.message, /AWS answered AccessDenied: User ann is not authorized/);
});

Deno.test("sdkKeys() reports that it cannot ask for a multi-factor code", async () => {
  const config = ROLE.replace("source_profile", "mfa_serial = arn:aws:iam::1:mfa/ann\nsource_profile");
  await using home = await awsHome({ config });
  assert.match((await failureOf(home, "role")).message, /multi-factor/);
});
