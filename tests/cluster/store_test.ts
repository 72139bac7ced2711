import { kubernetesStore } from "../../grad/runners/kubernetes/kubernetes_store.ts";
import { storeContract } from "../../grad/runners/testing/store_contract.ts";
import { aNamespace, applyCrd, clusterConfig } from "./support/cluster.ts";

storeContract("kubernetes", async () => {
  const config = clusterConfig();
  await applyCrd();
  const namespace = await aNamespace(config);
  return {
    stores: [kubernetesStore(config, namespace.name), kubernetesStore(config, namespace.name)],
    [Symbol.asyncDispose]: () => namespace[Symbol.asyncDispose](),
  };
});
