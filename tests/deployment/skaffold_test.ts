/**
 * skaffold.yaml, without skaffold, which is not on the build machine: only keys that its schema v4beta13 has, and everything that it
 * names is there. tests/cluster/development_test.ts does by hand what it says.
 */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { parse } from "yaml";
import { REPOSITORY } from "../support/repository.ts";

const read = (path: string) => Deno.readTextFileSync(`${REPOSITORY}/${path}`);
const config = parse(read("skaffold.yaml"));

/** A key of an object and the shape of its value: objects by their keys, lists by the shape of their items, `any` for values. */
type Shape = "any" | Readonly<{ [key: string]: Shape }> | readonly [Shape];

/** What of the schema v4beta13 is used: transcribed from its definitions. */
const ARTIFACT: Shape = {
  image: "any",
  context: "any",
  docker: { dockerfile: "any", target: "any", buildArgs: "any" },
  sync: { manual: [{ src: "any", dest: "any", strip: "any" }] },
};
const PIPELINE = {
  build: {
    tagPolicy: { inputDigest: {} },
    local: { push: "any", useBuildkit: "any" },
    artifacts: [ARTIFACT],
  },
  manifests: { kustomize: { paths: "any" } },
  deploy: { statusCheckDeadlineSeconds: "any", kubectl: {} },
  portForward: [
    { resourceType: "any", resourceName: "any", namespace: "any", port: "any", localPort: "any" },
  ],
  resourceSelector: { allow: [{ groupKind: "any", image: "any", labels: "any" }] },
} as const satisfies Shape;
const CONFIG: Shape = {
  apiVersion: "any",
  kind: "any",
  metadata: { name: "any" },
  ...PIPELINE,
  profiles: [{ name: "any", ...PIPELINE }],
};

function check(value: unknown, shape: Shape, path: string): void {
  if (shape === "any") return;
  if (Array.isArray(shape)) {
    assert.ok(Array.isArray(value), `${path} is a list`);
    value.forEach((item, index) => check(item, shape[0], `${path}[${index}]`));
    return;
  }
  assert.ok(typeof value === "object" && value !== null && !Array.isArray(value), `${path} is an object`);
  for (const [key, item] of Object.entries(value)) {
    assert.ok(Object.hasOwn(shape, key), `${path} has no key "${key}"`);
    check(item, (shape as Readonly<Record<string, Shape>>)[key]!, `${path}.${key}`);
  }
}

Deno.test("skaffold.yaml has only keys of its schema, and three profiles", () => {
  assert.equal(config.apiVersion, "skaffold/v4beta13");
  check(config, CONFIG, "skaffold.yaml");
  assert.deepEqual(config.profiles.map(({ name }: { name: string }) => name), [
    "production",
    "development",
    "debug",
  ]);
});

const pipelines = [config, ...config.profiles];

Deno.test("every Dockerfile, target, argument and overlay that skaffold.yaml names is there, in the version of versions.env", () => {
  const versions = read("tools/versions.env");
  for (const { build, manifests } of pipelines) {
    for (const { docker } of build?.artifacts ?? []) {
      const text = read(docker.dockerfile);
      if (docker.target !== undefined) assert.match(text, new RegExp(` AS ${docker.target}$`, "m"));
      for (const [name, value] of Object.entries(docker.buildArgs)) {
        assert.match(text, new RegExp(`^ARG ${name}\\b`, "m"));
        assert.match(versions, new RegExp(`^${name}=${value}$`, "m"));
      }
    }
    for (const path of manifests?.kustomize.paths ?? []) {
      assert.ok(existsSync(`${REPOSITORY}/${path}/kustomization.yaml`), path);
    }
  }
  const [, own] = /^ARG DENO_VERSION=(.*)$/m.exec(read("Dockerfile.grad")) ?? [];
  assert.match(versions, new RegExp(`^DENO_VERSION=${own}$`, "m"));
});

Deno.test("every image of the manifests is built, and the image of runners is replaced where it stands", () => {
  const built = ["grad", "grad-runner"];
  for (const { build } of pipelines) {
    if (build?.artifacts === undefined) continue;
    assert.deepEqual(build.artifacts.map(({ image }: { image: string }) => image), built);
  }
  for (const file of ["deployment.yaml", "certificates.yaml"]) {
    for (const [, image] of read(`k8s/base/${file}`).matchAll(/^ *(?:image|runner-image): (\S+)$/gm)) {
      assert.ok(built.includes(image!), `${file}: ${image}`);
    }
  }
  const { image } = config.resourceSelector.allow[0];
  assert.deepEqual(image, [".*", ".spec.template.metadata.annotations.runner-image"]);
  assert.match(read("k8s/base/deployment.yaml"), /annotations:\n(?: *#.*\n)* *runner-image: grad-runner\n/);
});

Deno.test("what skaffold copies into grad's container is where the image has it", () => {
  const { build } = config.profiles.find(({ name }: { name: string }) => name === "development");
  for (const { src, dest } of build.artifacts[0].sync.manual) {
    const [folder] = src.split("/**");
    assert.ok(existsSync(`${REPOSITORY}/${folder}`), src);
    assert.match(read("Dockerfile.grad"), new RegExp(`^WORKDIR ${dest}$`, "m"));
    assert.match(read("Dockerfile.grad"), new RegExp(`^COPY ${folder} ${folder}$`, "m"));
  }
});
