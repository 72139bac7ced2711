/**
 * `make dev` on the test cluster. minikube, docker and skaffold are stand-ins: skaffold's does by buildah and kubectl what skaffold.yaml says
 * (docs/verification.md). Everything else is real: images, overlays, logging in, the data, both analyses, and grad's start from changed sources.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { makeScratchHome } from "../support/scratch_home.ts";
import { eventually, start } from "../support/process.ts";
import { REPOSITORY } from "../support/repository.ts";
import { kubectl, required } from "./support/cluster.ts";

required("GRAD_TEST_REGISTRY", "the registry that nodes pull from");

const MINIKUBE = `#!/bin/bash
echo "$*" >>"$STANDINS/minikube.calls"
case $1 in
status) [ -e "$STANDINS/started" ] ;;
start) touch "$STANDINS/started" ;;
docker-env) echo "export DOCKER_HOST=tcp://stand-in" ;;
esac
`;
const SKAFFOLD = `#!/bin/bash
set -euo pipefail
echo "$*" >>"$STANDINS/skaffold.calls"
[ "$DOCKER_HOST" = tcp://stand-in ]
[ "$1 $2 $3" = "dev --profile development" ]
images=$(tools/cluster/images.sh --target dev)
image=$(sed -n 's/^GRAD_TEST_IMAGE=//p' <<<"$images") runner=$(sed -n 's/^GRAD_TEST_RUNNER_IMAGE=//p' <<<"$images")
tools/cluster/base_images.sh rclone
rclone=$(sed -n 's/^ *image: docker.io\\///p' k8s/overlays/development/s3.yaml)
buildah --storage-driver overlay push --tls-verify=false "docker.io/$rclone" "docker://$GRAD_TEST_REGISTRY/$rclone"
deno run --quiet --no-prompt --allow-read --allow-env --allow-run=kubectl tools/cluster/render.ts k8s/overlays/development --image "$image" --runner-image "$runner" |
  sed "s|docker.io/$rclone|$GRAD_TEST_REGISTRY/$rclone|" | kubectl apply -f -
for deployment in grad-certificates grad s3; do kubectl rollout status "deployment/$deployment" --namespace grad --timeout=300s; done
trap 'kill $(jobs -p)' EXIT
kubectl port-forward --namespace grad service/grad 50051:50051 &
kubectl port-forward --namespace grad service/s3 7480:7480 &
wait -n
`;

/** A kubeconfig whose context is named as minikube names that of its profile. */
async function kubeconfigOf(profile: string, path: string): Promise<void> {
  await Deno.writeTextFile(path, await kubectl("config", "view", "--raw", "--minify", "--flatten"), {
    mode: 0o600,
  });
  const current = (await kubectl("config", "current-context", `--kubeconfig=${path}`)).trim();
  await kubectl("config", "rename-context", current, profile, `--kubeconfig=${path}`);
}

Deno.test({
  name:
    "make dev ends in the analyses of make run, in a cluster, and a changed source is served without a new image",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const home = makeScratchHome();
    const standins = home.folder("standins");
    const programs = { docker: "#!/bin/sh\n", minikube: MINIKUBE, skaffold: SKAFFOLD };
    for (const [name, text] of Object.entries(programs)) {
      await Deno.writeTextFile(join(standins, name), text, { mode: 0o755 });
    }
    const kubeconfig = join(home.dir, "kubeconfig");
    await kubeconfigOf("grad", kubeconfig);
    const { HOME, XDG_CONFIG_HOME, XDG_STATE_HOME, GRAD_STATE_DIR } = home.env;
    const cache = Deno.env.get("XDG_CACHE_HOME") ?? join(Deno.env.get("HOME")!, ".cache");
    const env = {
      ...Deno.env.toObject(),
      ...{ HOME: HOME!, XDG_CONFIG_HOME: XDG_CONFIG_HOME!, XDG_STATE_HOME: XDG_STATE_HOME! },
      ...{ GRAD_STATE_DIR: GRAD_STATE_DIR!, GRAD_DEV_WORKSPACE: join(home.dir, "workspace") },
      // What is installed for this user, and base images.
      ...{ XDG_CACHE_HOME: cache, KUBELAB_HOME: Deno.env.get("KUBELAB_HOME") ?? join(cache, "kubelab") },
      ...{ STANDINS: standins, PATH: `${standins}:${Deno.env.get("PATH")}`, KUBECONFIG: kubeconfig },
    };
    const dev = start(["tools/dev/dev.sh"], { cwd: REPOSITORY, env, deadlineMs: 900_000 });
    try {
      await dev.saw(/Ready after/, 900_000);
      const { stdout } = dev.seen();
      assert.match(stdout, /Virgin America/);
      assert.match(stdout, /plot: .*figure-1\.png/);
      const calls = await Deno.readTextFile(join(standins, "minikube.calls"));
      assert.match(calls, /^start --profile grad --cpus 4 --memory 16g --cni calico$/m);
      const skaffold = await Deno.readTextFile(join(standins, "skaffold.calls"));
      assert.match(skaffold, /^dev --profile development --port-forward /);

      // As skaffold copies a changed file: by tar, into the container that runs.
      const version = "9.9.9-development";
      const folder = home.folder("changed/shared");
      const source = await Deno.readTextFile(join(REPOSITORY, "shared/version.ts"));
      await Deno.writeTextFile(join(folder, "version.ts"), source.replace("config.version", `"${version}"`));
      const copied = start(
        [
          "sh",
          "-c",
          `tar c -C ${
            join(home.dir, "changed")
          } shared | kubectl exec -i -n grad deployment/grad -- tar xm -C /src --no-same-owner`,
        ],
        { cwd: REPOSITORY, env },
      );
      assert.equal((await copied.ended).code, 0, (await copied.ended).stderr);
      await eventually(
        "grad, started again from the changed source",
        async () =>
          (await kubectl("logs", "--namespace", "grad", "deployment/grad", "--tail=200"))
              .includes(`"version":"${version}"`)
            ? true
            : undefined,
        60_000,
      );
    } finally {
      dev.signal("SIGTERM");
      await dev.ended;
      await kubectl("delete", "runners.grad.dev", "--all", "--namespace", "grad-runners", "--timeout=90s")
        .catch(() => {});
      await kubectl(
        "delete",
        "namespace",
        "grad",
        "grad-runners",
        "grad-users",
        "--ignore-not-found",
        "--timeout=180s",
      );
      await kubectl("delete", "clusterrolebinding", "grad-token-review", "--ignore-not-found");
      await Deno.remove(home.dir, { recursive: true });
    }
  },
});
