/** Every configuration that k8s/ and the tests deploy is one that grad takes. */
import assert from "node:assert/strict";
import { parseClusterConfig } from "../../grad/config/cluster_config.ts";
import { REPOSITORY } from "../support/repository.ts";

const FILES = [
  "k8s/base/configuration.yaml",
  "k8s/overlays/development/configuration.yaml",
  "k8s/overlays/production/configuration.yaml",
  "tests/cluster/overlay/configuration.yaml",
];

for (const file of FILES) {
  Deno.test(`grad takes ${file}`, async () => {
    const config = parseClusterConfig(await Deno.readFile(`${REPOSITORY}/${file}`), file, "grad-runner:1");
    assert.equal(config.namespace, "grad-runners");
    assert.equal(config.environments.get("default")?.image, "grad-runner:1");
  });
}
