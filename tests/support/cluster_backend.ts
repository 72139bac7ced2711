import assert from "node:assert/strict";
import { basename, dirname, join } from "node:path";
import { parse, stringify } from "yaml";
import { ownerOf } from "../../grad/auth/owner.ts";
import type { Backend, Options } from "./backend.ts";
import { endServingReplica } from "./deployed_grad.ts";
import { destroyRunners } from "./destroy_runners.ts";
import { Call, startGractl } from "./gractl.ts";
import { holdsFile } from "./holds_file.ts";
import { kubectl, required } from "./kubectl.ts";
import { podComponent } from "./pod_components.ts";
import { eventually, type Running } from "./process.ts";
import { runnerId } from "./runner_id.ts";
import { makeScratchHome } from "./scratch_home.ts";
import { findText } from "./secrets.ts";

/** What belongs to a runner in the cluster. */
const KINDS = "pods,persistentvolumeclaims,secrets";
const CONTEXT = "cluster";
/** Of a call of gractl: it may have to wait for a pod and a volume on a busy node. */
const CALL_MS = 300_000;
const TOKEN_DURATION = "3h";
/** Of `kubectl delete`: without a grace period. */
const AT_ONCE = ["--grace-period=0", "--force"];

/**
 * A deployed grad (tools/cluster/deploy.sh prints where), and a user of its own: a service account that is deleted at the end.
 * gractl runs on this machine, in a scratch home with one context, which its workspaces name.
 */
export async function clusterBackend(): Promise<Backend> {
  const address = required("GRAD_TEST_ADDRESS", "the address of grad, https://HOST:PORT");
  const authority = required("GRAD_TEST_CA", "the file with the certificate of grad's authority");
  const gradNamespace = required("GRAD_TEST_NAMESPACE", "the namespace of grad");
  const runners = required("GRAD_TEST_RUNNER_NAMESPACE", "the namespace of runners");
  const users = required("GRAD_TEST_USER_NAMESPACE", "a namespace for the service accounts of callers");
  const host = required("GRAD_TEST_CLUSTER_HOST", "the address of this machine that pods reach");
  const home = makeScratchHome();
  const user = `test-${basename(home.dir).replace("gt-", "").toLowerCase().replaceAll(/[^a-z0-9]/g, "x")}`;
  await kubectl("create", "serviceaccount", user, "--namespace", users);
  const owner = ownerOf(`system:serviceaccount:${users}:${user}`);
  const token = (await kubectl(
    ...["create", "token", user, "--namespace", users, "--audience", "grad", "--duration", TOKEN_DURATION],
  )).trim();
  await writeContext(home.env["XDG_CONFIG_HOME"]!, { address, authority, token });
  const secrets = new Set<string>([token]);
  const workspaces: string[] = [];

  function start(args: readonly string[], options: Options = {}): Running {
    const cwd = options.cwd ?? home.folder("empty");
    const deadlineMs = options.deadlineMs ?? CALL_MS;
    return startGractl(args, { ...options, deadlineMs, cwd, env: { ...home.env, ...options.env } });
  }
  async function gractl(args: readonly string[], options: Options = {}): Promise<Call> {
    const call = new Call(await start(args, options).ended);
    for (const secret of secrets) {
      assert.ok(!call.stdout.includes(secret) && !call.stderr.includes(secret), `told a secret: ${call}`);
    }
    return call;
  }
  /** What the cluster has of this test's workspaces, as `kubectl get` prints it. */
  async function objects(kinds: string, output: string): Promise<string[]> {
    const ids = await Promise.all(workspaces.map(workspaceId));
    const wanted = ids.flatMap((id) => id === undefined ? [] : [id]);
    return await Promise.all(
      wanted.map((id) =>
        kubectl(
          "get",
          kinds,
          "--namespace",
          runners,
          `--selector=grad.dev/workspace=${id}`,
          `--output=${output}`,
        )
      ),
    );
  }

  return {
    name: "kubernetes",
    host,
    // Of tests/cluster/overlay/configuration.yaml: the only one with `egress`.
    networkOptions: ["--network", "full", "--environment", "egress"],
    token,
    dir: home.dir,
    env: home.env,
    gractl,
    start,
    async makeWorkspace() {
      const dir = home.folder(`w${workspaces.length + 1}`);
      workspaces.push(dir);
      (await gractl(["workspace", "init"], { cwd: dir })).exits(0);
      (await gractl(["config", "set", "grad", CONTEXT], { cwd: dir })).exits(0);
      return dir;
    },
    adopt: (cwd) => void workspaces.push(cwd),
    keepSecret: (text) => void secrets.add(text),
    async assertNoSecretTold() {
      const found = workspaces.map((dir) => findText(dir, [...secrets])).filter((path) => path !== undefined);
      assert.deepEqual(found, [], "a secret stands in a file");
      // base64 of a secret's first bytes, as Secrets show them.
      const all = [...secrets].flatMap((secret) => [secret, btoa(secret).replace(/=*$/, "").slice(0, -2)]);
      const texts = await objects(`${KINDS},events,configmaps`, "yaml");
      texts.push(await kubectl("get", "runners.grad.dev", "--namespace", runners, "--output=yaml"));
      const pods = (await objects("pods", "name")).join("\n").split("\n").filter((name) => name !== "");
      for (const pod of pods) {
        // A runner that ends meanwhile has no logs.
        texts.push(await kubectl("logs", pod, "--namespace", runners, "--all-containers").catch(() => ""));
      }
      const logs = ["logs", "--selector=app.kubernetes.io/name=grad", "--tail=-1", "--namespace"];
      texts.push(await kubectl(...logs, gradNamespace));
      for (const text of texts) {
        assert.ok(!all.some((secret) => text.includes(secret)), "a secret stands in an object or a log");
      }
    },
    async holdsFile(name) {
      if (await holdsFile(home.dir, name)) return true;
      for (
        const pod of (await objects("pods", "name")).join("\n").split("\n").filter((each) => each !== "")
      ) {
        const find = ["find", "/workspace", "-path", "/workspace/data", "-prune", "-o", "-printf", "%f\\n"];
        const exec = ["exec", pod, "--namespace", runners, "--container=agent", "--", ...find];
        // A file that goes meanwhile makes find fail.
        const names = await kubectl(...exec).catch(() => "");
        if (names.split("\n").some((each) => name.test(each))) return true;
      }
      return false;
    },
    killGrad: () => endServingReplica(gradNamespace, owner, ...AT_ONCE),
    stopGrad: () => endServingReplica(gradNamespace, owner),
    component: async (cwd, name, runner) =>
      await podComponent(runners, await runnerId(gractl, cwd, runner), name),
    async killRunner(cwd) {
      await kubectl("delete", "pod", await runnerId(gractl, cwd), "--namespace", runners, ...AT_ONCE);
    },
    grad: () => undefined,
    processes: () => [],
    async [Symbol.asyncDispose]() {
      const failures = await destroyRunners(gractl, workspaces);
      try {
        await eventually(
          "the end of everything that belongs to the runners",
          async () => (await objects(KINDS, "name")).every((names) => names === "") ? true : undefined,
          60_000,
        );
      } catch {
        failures.push(...await objects(KINDS, "name"));
      }
      await kubectl("delete", "serviceaccount", user, "--namespace", users);
      Deno.removeSync(home.dir, { recursive: true });
      assert.deepEqual(failures, [], "something is left behind");
    },
  };
}

type ContextOptions = Readonly<{ address: string; authority: string; token: string }>;

/** As a person writes it who got a token otherwise than by `gractl login`. */
async function writeContext(config: string, { address, authority, token }: ContextOptions): Promise<void> {
  const file = join(config, "gractl/contexts", `${CONTEXT}.yaml`);
  await Deno.mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const tokenFile = join(config, "gractl/token");
  await Deno.writeTextFile(tokenFile, token, { mode: 0o600 });
  const head = { apiVersion: "gractl/v1", kind: "Context", name: CONTEXT };
  const context = { ...head, address, certificateAuthority: authority, tokenFile };
  await Deno.writeTextFile(file, stringify(context), { mode: 0o600 });
}

/** Of the workspace in the folder; `undefined` where it has none any more. */
async function workspaceId(folder: string): Promise<string | undefined> {
  const text = await Deno.readTextFile(join(folder, "workspace/config.yaml")).catch(() => undefined);
  return text === undefined ? undefined : parse(text).workspaceId;
}
