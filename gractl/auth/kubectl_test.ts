import assert from "node:assert/strict";
import { systemKubectl } from "./kubectl.ts";

const signal = new AbortController().signal;
const ACCOUNT = { namespace: "analysts", name: "ann", kubeContext: "prod", kubeconfig: "/k/config" };

/** A kubectl whose runs end in the same way, and what was run. */
function world(ended: Partial<{ exitCode: number; stdout: string; stderr: string }>) {
  const runs: { argv: readonly string[]; env: Readonly<Record<string, string>> | undefined }[] = [];
  const kubectl = systemKubectl({
    env: { PATH: "/bin", GRACTL_TOKEN: "secret", AWS_PROFILE: "p", KUBECONFIG: "/mine" },
    processes: {
      run(argv, { env } = {}) {
        runs.push({ argv, env });
        return Promise.resolve({ exitCode: 0, stdout: "", stderr: "", ...ended });
      },
    },
  });
  return { kubectl, runs };
}

Deno.test("systemKubectl() asks for a token of grad's audience, for an hour, without gractl's own token", async () => {
  const { kubectl, runs } = world({ stdout: "a.b.c\n" });
  assert.equal(await kubectl.createToken(ACCOUNT, signal), "a.b.c");
  assert.deepEqual(runs, [{
    argv: [
      ...["kubectl", "create", "token", "ann", "--namespace=analysts", "--context=prod"],
      ...["--audience=grad", "--duration=3600s", "--request-timeout=20s"],
    ],
    env: { PATH: "/bin", AWS_PROFILE: "p", KUBECONFIG: "/k/config" },
  }]);
  await kubectl.createToken({ ...ACCOUNT, kubeContext: "", kubeconfig: "" }, signal);
  assert.equal(runs[1]?.env?.["KUBECONFIG"], "/mine");
  assert.ok(!runs[1]?.argv.some((each) => each.startsWith("--context")));
});

Deno.test("systemKubectl() reads a key of a ConfigMap, and knows when there is none", async () => {
  const at = { namespace: "grad", name: "grad-ca", key: "ca.crt", kubeContext: "", kubeconfig: "" };
  const found = world({ stdout: JSON.stringify({ data: { "ca.crt": "PEM" } }) });
  assert.equal(await found.kubectl.readConfigMap(at, signal), "PEM");
  assert.equal(await found.kubectl.readConfigMap({ ...at, key: "other" }, signal), undefined);
  assert.equal(await world({ stdout: "" }).kubectl.readConfigMap(at, signal), undefined);
});

const failures: readonly (readonly [exitCode: number, stderr: string, message: RegExp, hint: RegExp])[] = [
  [
    1,
    "E1124 10:00:00 x\nerror: no such thing\n",
    /by kubectl: error: no such thing$/,
    /kubectl cluster-info/,
  ],
  [1, 'Error from server (Forbidden): User "x" cannot create', /Forbidden/, /serviceaccounts\/token/],
  [127, "No such file or directory", /No such file/, /Install kubectl/],
  [3, "", /exit code 3/, /kubectl cluster-info/],
];
for (const [exitCode, stderr, message, hint] of failures) {
  Deno.test(`systemKubectl() says what kubectl says: ${stderr || exitCode}`, async () => {
    const { kubectl } = world({ exitCode, stderr });
    await assert.rejects(kubectl.createToken(ACCOUNT, signal), { code: "login_failed", message, hint });
  });
}
