import assert from "node:assert/strict";
import tls from "node:tls";
import { ownerOf } from "../../grad/auth/owner.ts";
import { call } from "../../grad/rpc/testing/clients.ts";
import { WORKSPACE } from "../../grad/runners/testing/records.ts";
import { eventually } from "../support/process.ts";
import {
  type GradProcess,
  type GradProcesses,
  gradProcesses,
  SERVER_NAME,
} from "./support/grad_processes.ts";

const ref = { workspaceId: WORKSPACE, name: "runner-1" };

function scenario(name: string, body: (grads: GradProcesses) => Promise<void>): void {
  Deno.test({
    name,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      await using grads = await gradProcesses();
      await body(grads);
    },
  });
}

/** The certificate that a new connection gets, as a fingerprint. */
function fingerprint({ address }: GradProcess): Promise<string> {
  const [host = "", port] = address.split(":");
  return new Promise((resolve, reject) => {
    // Whom it is from is not this test's matter: the fingerprint is compared.
    const options = { host, port: Number(port), servername: SERVER_NAME, rejectUnauthorized: false };
    const socket = tls.connect({ ...options, ALPNProtocols: ["h2"] }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.on("error", reject);
  });
}

function execute(code: string, key: string) {
  return {
    runner: ref,
    session: "",
    kernel: "",
    idempotencyKey: key.padEnd(16, "0"),
    code,
    paramsJson: "",
    codeName: "",
    columns: 0,
    deadlineMs: 0,
    datasets: [],
    requiredDatasets: [],
    keepOtherDatasets: false,
    waitMs: 60_000,
    maxBytes: 0,
  };
}

scenario("two grads serve the same runner by TLS to whoever has a token for them", async (grads) => {
  const [one, two] = await Promise.all([grads.start(), grads.start()]);
  for (const { healthUrl } of [one, two]) {
    for (const path of ["/livez", "/readyz"]) {
      const answer = await fetch(`${healthUrl}${path}`);
      assert.equal(answer.status, 200, `${path}: ${await answer.text()}`);
    }
  }
  const token = await grads.tokenOf("alice");
  using first = grads.clients(one, token);
  using second = grads.clients(two, token);
  const handshake = { clientVersion: "0.1.0", api: 1 };
  const { owner, backend } = await call(first.system.handshake.bind(first.system), handshake);
  assert.equal(owner, ownerOf(`system:serviceaccount:${grads.namespace}:alice`));
  assert.equal(backend, "kubernetes");

  for (const refused of [undefined, "nonsense"]) {
    using stranger = grads.clients(one, refused);
    await assert.rejects(call(stranger.system.handshake.bind(stranger.system), handshake), {
      status: "UNAUTHENTICATED",
      code: "unauthenticated",
    });
  }

  const ran = await call(first.execution.execute.bind(first.execution), execute("x = 41; print(x)", "a"));
  assert.deepEqual(ran.events.map(({ kind }) => kind?.$case), ["queued", "started", "stdout", "finished"]);
  const again = await call(second.execution.execute.bind(second.execution), execute("print(x + 1)", "b"));
  assert.equal(again.events.some(({ kind }) => kind?.$case === "stdout"), true);
  const { runner } = await call(second.runner.destroyRunner.bind(second.runner), { ref, force: false });
  assert.equal(runner?.phase, 5);
});

scenario("grad uses a renewed certificate without a restart, and a call under way goes on", async (grads) => {
  const grad = await grads.start();
  const token = await grads.tokenOf("alice");
  using before = grads.clients(grad, token);
  const handshake = { clientVersion: "0.1.0", api: 1 };
  await call(before.system.handshake.bind(before.system), handshake);
  const waiting = call(before.runner.watchRunners.bind(before.runner), {
    workspaceId: "",
    includeEnded: false,
    cursor: (await call(before.runner.watchRunners.bind(before.runner), {
      workspaceId: "",
      includeEnded: false,
      cursor: "",
      waitMs: 0,
    })).cursor,
    waitMs: 20_000,
  });
  const first = await fingerprint(grad);
  await grads.renewCertificate();
  await eventually(
    "the new certificate",
    async () => await fingerprint(grad) === first ? undefined : true,
    60_000,
  );
  using after = grads.clients(grad, token);
  await call(after.system.handshake.bind(after.system), handshake);
  assert.deepEqual((await waiting).runners, []);
});
