import assert from "node:assert/strict";
import { kubernetesStore } from "../../grad/runners/kubernetes/kubernetes_store.ts";
import { storeContract } from "../../grad/runners/testing/store_contract.ts";
import { aNamespace, applyCrd, clusterConfig, kubectl } from "./support/cluster.ts";

storeContract("kubernetes", async () => {
  const config = clusterConfig();
  await applyCrd();
  const namespace = await aNamespace(config);
  return {
    stores: [kubernetesStore(config, namespace.name), kubernetesStore(config, namespace.name)],
    [Symbol.asyncDispose]: () => namespace[Symbol.asyncDispose](),
  };
});

Deno.test({
  name: "kubernetes store's probe succeeds, and fails without the rights to read records",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const config = clusterConfig();
    await applyCrd();
    await using namespace = await aNamespace(config);
    await kubernetesStore(config, namespace.name).probe();
    await kubectl("create", "serviceaccount", "nobody", "--namespace", namespace.name);
    const token = (await kubectl("create", "token", "nobody", "--namespace", namespace.name)).trim();
    const powerless = clusterConfig();
    powerless.users.forEach((user) =>
      Object.assign(user, { token, certData: undefined, keyData: undefined })
    );
    await assert.rejects(kubernetesStore(powerless, namespace.name).probe(), {
      code: "internal",
      message: /it answers 403/,
    });
  },
});
