import assert from "node:assert/strict";
import { assertGolden } from "../../../shared/testing/golden.ts";
import { aRecord } from "../testing/records.ts";
import { runnerPaths } from "./paths.ts";
import { initPlan, namespaceArgv, withoutDescriptors } from "./plan.ts";

const id = "rabcdefghijkl";
const OPTIONS = {
  id,
  paths: runnerPaths({ state: "/home/me/.local/state/grad", runtime: "/run/user/1000/grad" }, id),
  python: { interpreter: "/c/venv/bin/python", venv: "/c/venv", basePrefix: "/usr" },
  spec: aRecord().spec,
  path: "/usr/bin:/bin",
  closedFiles: ["/proc/keys"],
  protectedFolders: { own: ["/home/me/.local/state/grad", "/home/me/.config/gractl"], home: "/home/me" },
  sandboxed: true,
  sessionIdleSeconds: 43_200,
  cores: [0, 1, 2, 3],
};

for (const sandboxed of [true, false]) {
  const name = sandboxed ? "plan" : "plan_no_sandbox";
  Deno.test(`initPlan() makes ${name}.json`, async () => {
    const text = `${JSON.stringify(initPlan({ ...OPTIONS, sandboxed }), null, 2)}\n`;
    await assertGolden(text, new URL(`testdata/${name}.json`, import.meta.url));
  });
}

Deno.test("initPlan() gives only user code the limits, and no component an inherited variable", () => {
  const { components } = initPlan(OPTIONS);
  assert.deepEqual(components.map(({ name }) => name), ["data", "kernel", "agent"]);
  assert.ok(components[1]!.argv.join(" ").includes(`--memory-bytes ${512 * 2 ** 20}`));
  assert.ok(components[1]!.argv.join(" ").includes("--setenv OMP_NUM_THREADS 2"));
  for (const { env } of components) assert.ok(!Object.keys(env).some((name) => /AWS|TOKEN|KEY/.test(name)));
});

Deno.test("initPlan() tells the agent whether code has a network, which is always so without a sandbox", () => {
  const network = (options: typeof OPTIONS) => {
    const { argv } = initPlan(options).components[2]!;
    return argv[argv.indexOf("--network") + 1];
  };
  assert.equal(network(OPTIONS), "none");
  assert.equal(network({ ...OPTIONS, spec: { ...OPTIONS.spec, network: "full" } }), "full");
  assert.equal(network({ ...OPTIONS, sandboxed: false }), "full");
});

Deno.test("initPlan() protects the folders of a Python that is not the system's, and knows users without a home", () => {
  const python = { ...OPTIONS.python, basePrefix: "/opt/python" };
  const { argv } = initPlan({ ...OPTIONS, python, protectedFolders: { own: ["/state"], home: "" } })
    .components[0]!;
  const protectedFolders = argv.filter((_, index) => argv[index - 1] === "--protected");
  assert.deepEqual(protectedFolders, ["/state", "/c/venv", "/opt/python"]);
  assert.ok(!argv.includes("--home"));
});

Deno.test("namespaceArgv() makes a user namespace only for plain users", () => {
  assert.ok(!namespaceArgv(true).includes("--user"));
  assert.ok(namespaceArgv(false).join(" ").startsWith("unshare --user --map-root-user --mount"));
});

Deno.test("withoutDescriptors() starts the program with its arguments, and without descriptors above 2", async () => {
  const list = ["sh", "-c", 'ls /proc/self/fd; echo "$@"', "sh", "a b", "c"];
  const run = async (argv: readonly string[]) => {
    const through = `exec 9</dev/null; ${argv.map((word) => `'${word}'`).join(" ")}`;
    const { stdout } = await new Deno.Command("sh", { args: ["-c", through] }).output();
    return new TextDecoder().decode(stdout).trim().split("\n");
  };
  const quoted = list.map((word) => word.replaceAll("'", ""));
  assert.ok((await run(quoted)).includes("9"));
  const without = await run(
    withoutDescriptors("python3", quoted).map((word) => word.replaceAll("'", '"')),
  );
  assert.ok(!without.includes("9"), without.join(" "));
  assert.equal(without.at(-1), "a b c");
});
