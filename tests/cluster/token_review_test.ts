import assert from "node:assert/strict";
import { AUDIENCE, tokenReview } from "../../grad/auth/token_review.ts";
import { ownerOf } from "../../grad/auth/owner.ts";
import { eventually } from "../support/process.ts";
import { aNamespace, clusterConfig, kubectl } from "./support/cluster.ts";

const signal = new AbortController().signal;

Deno.test({
  name: "tokenReview() knows a service account by a token for grad, and refuses every other token",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const config = clusterConfig();
    await using namespace = await aNamespace(config);
    await kubectl("create", "serviceaccount", "alice", "--namespace", namespace.name);
    const tokenFor = async (...audience: string[]) =>
      (await kubectl("create", "token", "alice", "--namespace", namespace.name, ...audience)).trim();
    const verify = tokenReview(config, ["grad:admins"]);
    const token = await tokenFor("--audience", AUDIENCE);
    const owner = ownerOf(`system:serviceaccount:${namespace.name}:alice`);
    assert.deepEqual(await verify(token, signal), { owner, isAdmin: false });
    const admins = tokenReview(config, ["grad:admins", `system:serviceaccounts:${namespace.name}`]);
    assert.deepEqual(await admins(token, signal), { owner, isAdmin: true });
    // A token for the Kubernetes API, which other services are sent as well.
    assert.equal(await verify(await tokenFor(), signal), undefined);
    assert.equal(await verify(await tokenFor("--audience", "vault"), signal), undefined);
    assert.equal(await verify(`${token.slice(0, -8)}AAAAAAAA`, signal), undefined);
    assert.equal(await verify("nonsense", signal), undefined);
    await kubectl("delete", "serviceaccount", "alice", "--namespace", namespace.name);
    // The API server keeps results for some seconds.
    await eventually(
      "the end of the token",
      async () => await verify(token, signal) === undefined ? true : undefined,
      60_000,
    );
  },
});
