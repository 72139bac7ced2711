/** gractl as a user of a cluster runs it: login by kubectl, a context, code, renewal of the token, and what doctor says of each broken link. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { ownerOf } from "../../grad/auth/owner.ts";
import { Authority } from "../../grad/runners/kubernetes/certificates.ts";
import { unsignedToken } from "../../gractl/auth/testing/tokens.ts";
import { Call, startGractl } from "../support/gractl.ts";
import { kubectl } from "./support/cluster.ts";
import {
  type GradProcess,
  type GradProcesses,
  gradProcesses,
  SERVER_NAME,
} from "./support/grad_processes.ts";

/** A user's home, in which gractl runs. */
async function home(namespace: string) {
  const dir = await Deno.makeTempDir({ prefix: "gractl-cluster-" });
  const config = join(dir, ".config/gractl");
  const env = {
    PATH: Deno.env.get("PATH") ?? "",
    HOME: dir,
    KUBECONFIG: Deno.env.get("KUBECONFIG") ?? "",
    DENO_DIR: Deno.env.get("DENO_DIR") ?? "",
  };
  const gractl = async (
    args: readonly string[],
    more: Readonly<Record<string, string>> = {},
    stdin?: string,
  ) =>
    new Call(
      await startGractl([...args, "-o", "json"], {
        cwd: dir,
        env: { ...env, ...more },
        stdin,
        deadlineMs: 180_000,
      }).ended,
    );
  return {
    dir,
    config,
    gractl,
    login: (grad: GradProcess, args: readonly string[] = []) =>
      gractl([
        ...["login", "lab", "--address", `https://${grad.address}`, "--server-name", SERVER_NAME],
        ...["--service-account", `${namespace}/ann`, "--grad-namespace", namespace, ...args],
      ]),
    [Symbol.asyncDispose]: () => Deno.remove(dir, { recursive: true }),
  };
}

type Home = Awaited<ReturnType<typeof home>>;

async function print(gractl: Home["gractl"], code: string, env: Readonly<Record<string, string>> = {}) {
  const { status, stdout } = (await gractl(["execute-code", "--code", code], env)).exits(0).json();
  assert.equal(status, "succeeded");
  return stdout;
}

/** A grad with the service account ann, and its CA in the ConfigMap that `gractl login` reads. */
function scenario(name: string, body: (grads: GradProcesses, user: Home) => Promise<void>): void {
  Deno.test({
    name,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      await using grads = await gradProcesses();
      const { namespace, dir } = grads;
      await kubectl("create", "serviceaccount", "ann", "--namespace", namespace);
      const file = `--from-file=ca.crt=${join(dir, "ca.crt")}`;
      await kubectl("create", "configmap", "grad-ca", "--namespace", namespace, file);
      await using user = await home(namespace);
      await body(grads, user);
    },
  });
}

scenario(
  "a user logs in by kubectl, runs code, and goes on with a token that was revoked",
  async (grads, user) => {
    const { gractl, config } = user;
    const grad = await grads.start();
    const owner = ownerOf(`system:serviceaccount:${grads.namespace}:ann`);
    const login = (await user.login(grad)).exits(0).json();
    assert.deepEqual([login.owner, login.backend, login.renewed], [owner, "kubernetes", true]);
    const token = join(config, "credentials/lab.token");
    assert.equal((await Deno.stat(token)).mode! & 0o777, 0o600);

    (await gractl(["workspace", "init"])).exits(0);
    (await gractl(["context", "use", "lab"])).exits(0);
    assert.equal(await print(gractl, "print(6 * 7)"), "42\n");

    const first = await Deno.readTextFile(token);
    const now = new Date().getTime() / 1_000;
    for (
      const useless of [
        unsignedToken({ aud: ["grad"], iat: now, exp: now + 3_600 }), // that grad refuses
        unsignedToken({ aud: ["grad"], iat: now - 3_600, exp: now - 60 }), // that has expired
      ]
    ) {
      await Deno.writeTextFile(token, useless);
      assert.equal(await print(gractl, "print('again')"), "again\n");
      const renewed = await Deno.readTextFile(token);
      assert.ok(renewed !== useless && renewed !== first && renewed.split(".").length === 3);
    }

    // As CI does it, without a login: another user, who has no runner of that name.
    const env = { GRACTL_TOKEN: await grads.tokenOf("ci"), GRACTL_CONTEXT: "lab" };
    assert.deepEqual((await gractl(["runner", "list"], env)).exits(0).json().items, []);
    assert.equal((await gractl(["runner", "list"])).exits(0).json().items.length, 1);
    const unnamed = await gractl(["runner", "list"], { GRACTL_TOKEN: env.GRACTL_TOKEN });
    assert.equal(unnamed.exits(2).error().code, "usage");

    (await gractl(["runner", "destroy", "runner-1"])).exits(0);
    (await gractl(["context", "remove", "lab"])).exits(0);
    assert.deepEqual((await gractl(["context", "list"])).exits(0).json().items, []);
    assert.deepEqual((await Array.fromAsync(Deno.readDir(join(config, "credentials")))).length, 0);
    assert.equal((await gractl(["runner", "list"])).exits(2).error().code, "context_not_found");
  },
);

scenario(
  "doctor names the broken link of a context: address, certificate, token, cluster",
  async (grads, user) => {
    const { gractl, config } = user;
    const grad = await grads.start();
    (await user.login(grad)).exits(0);
    (await gractl(["workspace", "init"])).exits(0);
    (await gractl(["context", "use", "lab"])).exits(0);
    type Checks = readonly Readonly<{ name: string; state: string; message: string }>[];
    const ask = async (): Promise<Checks> => (await gractl(["doctor"])).json<{ checks: Checks }>().checks;
    const doctor = async () => {
      let checks = await ask();
      // A busy machine may not end the pod of a diagnosis in time.
      for (
        let tries = 1;
        tries < 8 && checks.some(({ message }) => /in the time of this check/.test(message));
        tries++
      ) {
        checks = await ask();
      }
      const failed = checks.filter(({ state }) => state === "failed");
      return {
        failed: failed.map(({ name }) => name),
        text: failed.map(({ message }) => message).join("\n"),
      };
    };
    // This namespace has no network policies.
    assert.deepEqual((await doctor()).failed, ["network-policy"]);

    const file = join(config, "contexts/lab.yaml");
    const good = await Deno.readTextFile(file);
    const free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = free.addr;
    free.close();
    await Deno.writeTextFile(file, good.replace(grad.address, `127.0.0.1:${port}`));
    assert.deepEqual((await doctor()).failed, ["address", "certificate", "grad"]);

    await Deno.writeTextFile(file, good.replace(SERVER_NAME, "other.test"));
    const misnamed = await doctor();
    assert.deepEqual(misnamed.failed, ["certificate", "grad"]);
    assert.match(misnamed.text, /for DNS:grad\.test, not for other\.test/);

    await Deno.writeTextFile(file, good);
    const { certificate } = await Authority.create(new Date().getTime());
    const authority = join(config, "credentials/lab-ca.pem");
    await Deno.writeTextFile(authority, certificate);
    const untrusted = await doctor();
    assert.deepEqual(untrusted.failed, ["certificate", "grad"]);
    assert.match(untrusted.text, /not signed by the CA/);
    await Deno.writeTextFile(authority, grads.ca);

    await Deno.writeTextFile(file, good.replace(/serviceAccount:[^]*/, ""));
    await Deno.writeTextFile(join(config, "credentials/lab.token"), unsignedToken({ aud: "grad", exp: 1 }));
    assert.deepEqual((await doctor()).failed, ["token", "grad"]);

    await Deno.writeTextFile(file, good);
    assert.deepEqual((await doctor()).failed, ["network-policy"]);
  },
);

scenario("a login that grad or kubectl refuses writes nothing, and says why", async (grads, user) => {
  const grad = await grads.start();
  const nobody = await user.gractl([
    ...["login", "lab", "--address", `https://${grad.address}`, "--server-name", SERVER_NAME],
    ...["--service-account", `${grads.namespace}/nobody`, "--grad-namespace", grads.namespace],
  ]);
  assert.match(nobody.exits(3).error().message, /nobody.* not found/);
  const forKubernetes = (await kubectl("create", "token", "ann", "--namespace", grads.namespace)).trim();
  const args = [
    "login",
    "lab",
    "--address",
    `https://${grad.address}`,
    "--server-name",
    SERVER_NAME,
    "--token-stdin",
  ];
  const ca = ["--ca-file", join(grads.dir, "ca.crt")];
  const other = await user.gractl([...args, ...ca], {}, forKubernetes);
  assert.equal(other.exits(3).error().code, "login_failed");
  const forged = await user.gractl([...args, ...ca], {}, unsignedToken({ aud: "grad" }));
  assert.equal(forged.exits(3).error().code, "unauthenticated");
  const unknown = await user.gractl(args, {}, unsignedToken({ aud: "grad" }));
  assert.equal(unknown.exits(3).error().code, "certificate_invalid");
  assert.deepEqual((await user.gractl(["context", "list"])).exits(0).json().items, []);
});
