/**
 * Attack: somebody with a valid token of a cluster's grad names the workspace, runner, executions and files of somebody else in every
 * call that there is; and somebody without a token for grad makes the same calls.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { parse } from "yaml";
import { ownerOf } from "../../grad/auth/owner.ts";
import { runnerCalls } from "../../grad/rpc/testing/calls.ts";
import { clients } from "../../grad/rpc/testing/clients.ts";
import { execute } from "../support/execution_document.ts";
import { kubectl, required } from "../support/kubectl.ts";
import { suite } from "../support/suite.ts";

const scenario = suite();

/** A token of a new service account; `disposeAsync` deletes the account. */
async function anotherUser(audience: string): Promise<AsyncDisposable & { owner: string; token: string }> {
  const namespace = required("GRAD_TEST_USER_NAMESPACE", "a namespace for the service accounts of callers");
  const name = `mallory-${crypto.randomUUID().slice(0, 8)}`;
  await kubectl("create", "serviceaccount", name, "--namespace", namespace);
  const args = ["create", "token", name, "--namespace", namespace, "--audience", audience];
  return {
    owner: ownerOf(`system:serviceaccount:${namespace}:${name}`),
    token: (await kubectl(...args)).trim(),
    async [Symbol.asyncDispose]() {
      await kubectl("delete", "serviceaccount", name, "--namespace", namespace);
    },
  };
}

scenario("a caller reaches nothing of another owner's runner by any call", async ({ backend, workspace }) => {
  const cwd = await workspace();
  const { id } = await execute(backend, cwd, "open('/workspace/code/x', 'w').write('private'); secret = 1");
  const { workspaceId } = parse(await Deno.readTextFile(join(cwd, "workspace/config.yaml")));
  const status = await backend.gractl(["runner", "get", "runner-1", "-o", "json"], { cwd });
  const mine = ownerOf(`system:serviceaccount:${userOf(backend.token)}`);
  const ca = await Deno.readTextFile(required("GRAD_TEST_CA", "the file with grad's authority"));
  const url = new URL(required("GRAD_TEST_ADDRESS", "the address of grad"));
  const dial = (token: string | undefined) => clients(url.host, { ca, serverName: "grad", token });
  const ref = { workspaceId, name: "runner-1", owner: mine };
  const calls = Object.entries(runnerCalls(ref, id));
  const outcomes = async (token: string | undefined) => {
    using all = dial(token);
    const codes = calls.map(async ([method, ask]) => {
      const code = await ask(all).then(() => "ok", (thrown: { code?: string }) => thrown.code ?? `${thrown}`);
      return [method, code];
    });
    return Object.fromEntries(await Promise.all(codes));
  };
  const each = (code: string) => Object.fromEntries(calls.map(([method]) => [method, code]));

  await using mallory = await anotherUser("grad");
  assert.deepEqual(await outcomes(mallory.token), each("permission_denied"));
  // A token for the Kubernetes API, which other services get to see as well, none, and nonsense.
  await using api = await anotherUser("https://kubernetes.default.svc.cluster.local");
  for (const token of [api.token, undefined, "nonsense"]) {
    assert.deepEqual(await outcomes(token), each("unauthenticated"));
  }
  // What was refused has changed nothing: the same runner with its variables. And the calls that only read do work for its owner.
  assert.equal((await execute(backend, cwd, "print(secret)")).stdout, "1\n");
  const after = await backend.gractl(["runner", "get", "runner-1", "-o", "json"], { cwd });
  assert.equal(after.exits(0).json().id, status.exits(0).json().id);
  using own = dial(backend.token);
  for (const [method, ask] of calls) if (/^(Get|List|ReadFile|ReadEvents)/.test(method)) await ask(own);
}, { only: "kubernetes" });

/** "namespace:name" of the service account that a token is for. */
function userOf(token: string): string {
  const claims = JSON.parse(atob(token.split(".")[1]!.replaceAll("-", "+").replaceAll("_", "/")));
  const { namespace, serviceaccount } = claims["kubernetes.io"];
  return `${namespace}:${serviceaccount.name}`;
}
