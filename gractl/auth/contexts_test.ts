import assert from "node:assert/strict";
import { join } from "node:path";
import { tempDir } from "../workspace/testing/temp_dir.ts";
import { addressText } from "./context.ts";
import { parseAddress } from "./context_schema.ts";
import { readContext, readContexts } from "./contexts.ts";

const uid = Deno.uid() ?? 0;

/** A home folder with contexts in it. */
async function home(files: Readonly<Record<string, string>>) {
  const dir = await tempDir();
  const folder = join(dir.path, ".config/gractl/contexts");
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  await Deno.chmod(join(folder, ".."), 0o700);
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(join(folder, name), text, { mode: 0o600 });
  }
  return { ...dir, folder, of: { env: { HOME: dir.path }, uid } };
}

const head = (name: string) => `apiVersion: gractl/v1\nkind: Context\nname: ${name}\n`;
const LAB = `${head("lab")}address: unix:/srv/lab/grad.sock\n`;
const CLOUD = `${head("cloud")}address: https://grad.example.com:8443
certificateAuthority: ../ca.pem
serverName: grad.internal
tokenFile: ~/tokens/cloud
serviceAccount: { namespace: analysts, name: ann, kubeContext: prod }
`;

Deno.test("readContexts() reads all of them, with paths made absolute", async () => {
  await using at = await home({
    "lab.yaml": LAB,
    "cloud.yaml": CLOUD,
    "notes.txt": "x",
    ".lab.yaml.tmp": "x",
  });
  const [cloud, lab, ...others] = await readContexts(at.of);
  assert.deepEqual(others, []);
  assert.deepEqual(cloud, {
    file: join(at.folder, "cloud.yaml"),
    name: "cloud",
    address: { kind: "network", host: "grad.example.com", port: 8443 },
    certificateAuthority: join(at.path, ".config/gractl/ca.pem"),
    serverName: "grad.internal",
    tokenFile: join(at.path, "tokens/cloud"),
    serviceAccount: { namespace: "analysts", name: "ann", kubeContext: "prod", kubeconfig: "" },
  });
  assert.deepEqual(lab?.address, { kind: "unix", path: "/srv/lab/grad.sock" });
});

Deno.test("readContexts() finds none where there is no folder, and XDG_CONFIG_HOME moves it", async () => {
  await using at = await home({ "lab.yaml": LAB });
  assert.deepEqual(await readContexts({ env: { HOME: "/nowhere" }, uid }), []);
  const env = { HOME: "/nowhere", XDG_CONFIG_HOME: join(at.path, ".config") };
  assert.deepEqual((await readContexts({ env, uid })).map(({ name }) => name), ["lab"]);
});

Deno.test("readContext() reads one, although another one has faults", async () => {
  await using at = await home({ "lab.yaml": LAB, "bad.yaml": "name: [" });
  assert.equal((await readContext(at.of, "lab")).name, "lab");
  await assert.rejects(readContexts(at.of), { code: "invalid_file" });
});

Deno.test("readContext() suggests the nearest of those that exist", async () => {
  await using at = await home({ "lab.yaml": LAB });
  await assert.rejects(readContext(at.of, "lap"), { code: "context_not_found", hint: 'Did you mean "lab"?' });
  await assert.rejects(readContext(at.of, "../lab"), { code: "invalid_name" });
  await assert.rejects(readContext({ env: { HOME: "/nowhere" }, uid }, "lab"), {
    code: "context_not_found",
    hint: /You have no contexts/,
  });
});

Deno.test("readContexts() refuses files and folders that others can open, and those of others", async () => {
  await using at = await home({ "lab.yaml": LAB });
  const [file, config] = [join(at.folder, "lab.yaml"), join(at.folder, "..")];
  await assert.rejects(readContexts({ ...at.of, uid: uid + 1 }), { code: "permission_denied" });
  for (
    const [path, good, bad] of [[file, 0o600, 0o640], [at.folder, 0o700, 0o750], [
      config,
      0o700,
      0o755,
    ]] as const
  ) {
    await Deno.chmod(path, bad);
    await assert.rejects(readContexts(at.of), {
      code: "permission_denied",
      message: /other users can open it/,
    });
    await Deno.chmod(path, good);
  }
  assert.equal((await readContexts(at.of)).length, 1);
});

const faults: readonly (readonly [what: string, file: string, text: string, fault: RegExp])[] = [
  ["a missing address", "lab.yaml", head("lab"), /lab\.yaml:1:1: address: is missing; add `address:/],
  ["another name than the file's", "lab.yaml", LAB.replace("name: lab", "name: x"), /:3:7: name: differs/],
  ["the name local", "local.yaml", LAB.replace("name: lab", "name: local"), /:3:7: name: is reserved/],
  ["an address without TLS", "lab.yaml", `${head("lab")}address: http://x\n`, /:4:10: address: has no TLS/],
  ["an address with a path", "lab.yaml", `${head("lab")}address: https://x/y\n`, /:4:10: address: is not an/],
  ["a port that is none", "lab.yaml", `${head("lab")}address: https://x:0\n`, /:4:10: address: has a port/],
  ["a relative socket", "lab.yaml", `${head("lab")}address: unix:s\n`, /:4:10: address: is not an/],
  [
    "a long socket",
    "lab.yaml",
    `${head("lab")}address: unix:/${"s".repeat(107)}\n`,
    /is longer than 107 bytes/,
  ],
  [
    "a token for a socket",
    "lab.yaml",
    `${LAB}tokenFile: t\n`,
    /:5:1: tokenFile: is for https addresses only/,
  ],
  ["a token in the file", "lab.yaml", `${LAB}token: hunter2\n`, /:5:1: token: is a secret.*`tokenFile`/],
  [
    "a service account without a file for its tokens",
    "lab.yaml",
    `${head("lab")}address: https://x\nserviceAccount: { namespace: a, name: b }\n`,
    /:5:1: serviceAccount: needs a file for its tokens/,
  ],
  [
    "a service account that is an option of kubectl",
    "lab.yaml",
    `${
      head("lab")
    }address: https://x\ntokenFile: t\nserviceAccount: { namespace: a, name: --kubeconfig=x }\n`,
    /:6:39: serviceAccount.name: is not a name of Kubernetes/,
  ],
  ["an unknown key", "lab.yaml", `${LAB}colour: red\n`, /:5:1: colour: is not a known key/],
];
for (const [what, file, text, fault] of faults) {
  Deno.test(`readContexts() reports ${what} with its position`, async () => {
    await using at = await home({ [file]: text });
    await assert.rejects(readContexts(at.of), (error: Error & { code?: string; hint?: string }) => {
      assert.equal(error.code, "invalid_file");
      assert.match(error.message, /of your contexts/);
      assert.match(error.message, fault);
      assert.ok(!error.message.includes("hunter2"));
      assert.match(error.hint ?? "", /gractl context list/);
      return true;
    });
  });
}

for (
  const text of [
    "unix:/run/x/grad.sock",
    "https://grad.example.com",
    "https://grad.example.com:8443",
    "https://[2001:db8::1]",
    "https://[2001:db8::1]:8443",
    "https://10.0.0.1",
  ]
) {
  Deno.test(`parseAddress() and addressText() keep ${text}`, () => {
    const address = parseAddress(text);
    assert.ok("kind" in address, JSON.stringify(address));
    assert.equal(addressText(address), text);
  });
}

for (
  const text of [
    "",
    "local",
    "tcp:x:1",
    "https://",
    "https://a@b",
    "https://a_b",
    "https://-a",
    "https://a?x",
  ]
) {
  Deno.test(`parseAddress() refuses ${JSON.stringify(text)}`, () => assert.ok("fault" in parseAddress(text)));
}
