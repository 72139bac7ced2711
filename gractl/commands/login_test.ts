import assert from "node:assert/strict";
import { join } from "node:path";
import { GradError } from "../../shared/errors.ts";
import { readContext } from "../auth/contexts.ts";
import { fakeKubectl, unsignedToken } from "../auth/testing/tokens.ts";
import { exampleGrad } from "../testing/examples.ts";
import type { Circumstances } from "../testing/fake_deps.ts";
import { tempDir } from "../workspace/testing/temp_dir.ts";
import { runCommand } from "./testing/run_command.ts";

const CA = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
const NOW_S = Date.parse("2026-11-23T12:00:00.000Z") / 1_000;
const TOKEN = unsignedToken({ aud: ["grad"], iat: NOW_S, exp: NOW_S + 3_600 });
const uid = Deno.uid() ?? 0;

type Dialled = Readonly<{ host: string; port: number; authority: string; serverName: string; token: string }>;

/** A home folder, a grad that accepts `accepted`, and a kubectl that gives TOKEN and the CA. */
async function world({ accepted = [TOKEN] }: { accepted?: readonly string[] } = {}) {
  const dir = await tempDir();
  const dialled: Dialled[] = [];
  const asked: unknown[] = [];
  const kubectl = fakeKubectl({
    currentContext: () => Promise.resolve("prod"),
    createToken(account) {
      asked.push(account);
      return Promise.resolve(TOKEN);
    },
    readConfigMap(at) {
      asked.push(at);
      return Promise.resolve(CA);
    },
  });
  const dialNetwork: NonNullable<Circumstances["dialNetwork"]> = async (server, tokens) => {
    const token = await tokens.current(new AbortController().signal);
    dialled.push({ ...server, token });
    if (accepted.includes(token)) return exampleGrad();
    throw new GradError("unauthenticated", "Cannot tell who calls", { hint: tokens.remedy });
  };
  const home = { HOME: dir.path };
  const run = (args: readonly string[], given: Circumstances & { env?: Record<string, string> } = {}) =>
    runCommand(["login", ...args], {
      kubectl,
      dialNetwork,
      cwd: dir.path,
      format: "json",
      ...given,
      env: { ...home, ...given.env },
    });
  const config = join(dir.path, ".config/gractl");
  return { ...dir, config, dialled, asked, run, of: { env: home, uid } };
}

const ADDRESS = ["--address", "https://grad.example.com:50051"];
const ACCOUNT = ["--service-account", "analysts/ann"];

Deno.test("login by a service account makes a context that kubectl renews, closed to others", async () => {
  await using at = await world();
  const { exit, stdout, json } = await at.run(["lab", ...ADDRESS, ...ACCOUNT], {
    env: { KUBECONFIG: "/k/config" },
  });
  assert.equal(exit, 0, stdout);
  assert.ok(!stdout.includes(TOKEN));
  const { owner, renewed, tokenExpiresAt } = json();
  assert.deepEqual([owner, renewed, tokenExpiresAt], ["local", true, "2026-11-23T13:00:00.000Z"]);
  const cluster = { kubeContext: "prod", kubeconfig: "/k/config" };
  assert.deepEqual(at.asked, [
    { namespace: "analysts", name: "ann", ...cluster },
    { namespace: "grad", name: "grad-ca", key: "ca.crt", ...cluster },
  ]);
  assert.deepEqual(at.dialled, [
    { host: "grad.example.com", port: 50_051, authority: CA, serverName: "", token: TOKEN },
  ]);
  assert.deepEqual(await readContext(at.of, "lab"), {
    file: join(at.config, "contexts/lab.yaml"),
    name: "lab",
    address: { kind: "network", host: "grad.example.com", port: 50_051 },
    certificateAuthority: join(at.config, "credentials/lab-ca.pem"),
    serverName: "",
    tokenFile: join(at.config, "credentials/lab.token"),
    serviceAccount: { namespace: "analysts", name: "ann", ...cluster },
  });
  assert.equal((await Deno.readTextFile(join(at.config, "credentials/lab.token"))).trim(), TOKEN);
  assert.equal(await Deno.readTextFile(join(at.config, "credentials/lab-ca.pem")), CA);
  for (const path of await at.list()) {
    const { mode, isDirectory } = await Deno.stat(join(at.path, path));
    if (path !== ".config") assert.equal(mode! & 0o777, isDirectory ? 0o700 : 0o600, path);
  }
});

Deno.test("login again takes what is not given from the context", async () => {
  await using at = await world();
  assert.equal((await at.run(["lab", ...ADDRESS, ...ACCOUNT, "--server-name", "grad.internal"])).exit, 0);
  const first = await readContext(at.of, "lab");
  assert.equal((await at.run(["lab"])).exit, 0);
  assert.deepEqual(await readContext(at.of, "lab"), first);
  assert.equal(at.dialled[1]?.serverName, "grad.internal");
  assert.equal((await at.run(["lab", "--address", "https://other.example.com"])).exit, 0);
  const { address, serviceAccount } = await readContext(at.of, "lab");
  assert.deepEqual(address, { kind: "network", host: "other.example.com", port: 443 });
  assert.deepEqual(serviceAccount, first.serviceAccount);
});

Deno.test("login with a token of a file names the file, and with one of standard input keeps it", async () => {
  await using at = await world({ accepted: ["of-ci", "typed"] });
  const file = await at.write("token", "of-ci\n");
  await Deno.chmod(file, 0o600);
  const ca = await at.write("ca.pem", CA);
  const args = ["ci", ...ADDRESS, "--ca-file", "ca.pem"];
  assert.equal((await at.run([...args, "--token-file", "token"])).exit, 0);
  assert.equal((await readContext(at.of, "ci")).tokenFile, file);
  await Deno.remove(ca);
  const typed = await at.run(["ci", "--token-stdin"], { stdin: new TextEncoder().encode("typed\n") });
  assert.equal(typed.exit, 0, typed.stdout);
  const { tokenFile, certificateAuthority } = await readContext(at.of, "ci");
  assert.equal((await Deno.readTextFile(tokenFile)).trim(), "typed");
  assert.equal(await Deno.readTextFile(certificateAuthority), CA, "a copy");
});

Deno.test("a login that grad refuses leaves everything as it was", async () => {
  await using at = await world({ accepted: ["good"] });
  const stdin = (text: string) => ({ stdin: new TextEncoder().encode(text) });
  const refused = await at.run(["lab", ...ADDRESS, "--token-stdin"], stdin("bad"));
  assert.deepEqual([refused.exit, refused.json().error?.code], [3, "unauthenticated"]);
  assert.deepEqual(await at.list(), []);
  assert.equal((await at.run(["lab", ...ADDRESS, "--token-stdin"], stdin("good"))).exit, 0);
  const before = await Promise.all([at.list(), at.read(".config/gractl/credentials/lab.token")]);
  assert.equal(
    (await at.run(["lab", "--address", "https://other.example.com", "--token-stdin"], stdin("bad"))).exit,
    3,
  );
  assert.deepEqual(await Promise.all([at.list(), at.read(".config/gractl/credentials/lab.token")]), before);
});

Deno.test("an agent renews a token, and does not say where a context leads", async () => {
  await using at = await world();
  const agent = { env: { GRACTL_AGENT: "1" } };
  const refused = await at.run(["lab", ...ADDRESS, ...ACCOUNT], agent);
  assert.equal(refused.json().error?.code, "permission_denied");
  assert.deepEqual(at.dialled, []);
  assert.equal((await at.run(["lab", ...ADDRESS, ...ACCOUNT])).exit, 0);
  assert.equal((await at.run(["lab"], agent)).exit, 0);
  assert.equal((await at.run(["lab", "--address", "https://evil.example.com"], agent)).exit, 3);
});

const refusals: readonly (readonly [what: string, args: readonly string[], code: string, hint: RegExp])[] = [
  ["no address", ACCOUNT, "usage", /--address/],
  ["no token", ADDRESS, "usage", /--service-account/],
  ["two tokens", [...ADDRESS, ...ACCOUNT, "--token-stdin"], "usage", /one of/],
  ["an address without TLS", ["--address", "http://grad.example.com", ...ACCOUNT], "usage", /https/],
  ["a socket", ["--address", "unix:/run/grad.sock", ...ACCOUNT], "usage", /https/],
  ["an option as account", [...ADDRESS, "--service-account", "a/--as=admin"], "usage", /namespace/],
  ["half an account", [...ADDRESS, "--service-account", "ann"], "usage", /namespace/],
  [
    "a cluster without an account",
    [...ADDRESS, "--token-stdin", "--kube-context", "x"],
    "usage",
    /--service-account/,
  ],
  ["a name of no server", [...ADDRESS, ...ACCOUNT, "--server-name", "a/b"], "usage", /DNS/],
  ["a missing file", [...ADDRESS, "--token-file", "nowhere"], "unauthenticated", /file/],
  ["certificates that are none", [...ADDRESS, ...ACCOUNT, "--ca-file", "x"], "login_failed", /--ca-file/],
];
for (const [what, args, code, hint] of refusals) {
  Deno.test(`login refuses ${what}`, async () => {
    await using at = await world();
    const { error } = (await at.run(["lab", ...args])).json();
    assert.equal(error?.code, code);
    assert.match(error?.hint ?? "", hint);
    assert.deepEqual([at.dialled, await at.list()], [[], []]);
  });
}

Deno.test("login says where certificates come from when grad's does not fit", async () => {
  await using at = await world();
  const dialNetwork = () => Promise.reject(new GradError("certificate_invalid", "Cannot trust the grad"));
  const typed = { stdin: new TextEncoder().encode("t"), dialNetwork };
  assert.match(
    (await at.run(["lab", ...ADDRESS, "--token-stdin"], typed)).json().error?.hint ?? "",
    /--ca-file/,
  );
  const known = await at.run(["lab", ...ADDRESS, ...ACCOUNT], { dialNetwork });
  assert.match(known.json().error?.hint ?? "", /Compare address, --server-name/);
});

Deno.test("login says that a token is for another service before it sends it", async () => {
  await using at = await world();
  const stdin = new TextEncoder().encode(unsignedToken({ aud: "https://kubernetes.default.svc" }));
  const { error } = (await at.run(["lab", ...ADDRESS, "--token-stdin"], { stdin })).json();
  assert.match(error?.message ?? "", /for "https:\/\/kubernetes\.default\.svc", not for grad/);
  assert.deepEqual(at.dialled, []);
});
