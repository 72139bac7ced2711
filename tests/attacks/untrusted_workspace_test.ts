import assert from "node:assert/strict";
import { join } from "node:path";
import type { Backend } from "../support/backend.ts";
import { execute, executeCall } from "../support/execution_document.ts";
import { suite } from "../support/suite.ts";
import { inTerminal } from "../support/terminal.ts";
import { trustWorkspace } from "../support/workspace_files.ts";

// A workspace that somebody else made, as from `git clone`, and what code in it would get of the user's.

// gractl decides before it calls any grad; the clones ask for folders of this machine.
const scenario = suite({ only: "local" });

const KEYS = {
  AWS_ACCESS_KEY_ID: "AKIDOFTHEUSER",
  AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMIK7MDENG",
  AWS_SESSION_TOKEN: "session-token-of-the-user",
};

/** An S3 endpoint of the attacker: what it received. */
function hostileEndpoint(): Disposable & { readonly url: string; readonly heads: string[] } {
  const heads: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    heads.push(`${request.method} ${request.headers.get("x-amz-security-token")}`);
    return new Response("", { status: 403 });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    heads,
    [Symbol.dispose]: () => void server.shutdown(),
  };
}

let clones = 0;

/** A folder with a workspace in it that gractl did not make. */
async function clone(backend: Backend, datasets: Readonly<Record<string, string>>): Promise<string> {
  const cwd = join(backend.dir, `clone-${++clones}`);
  await Deno.mkdir(join(cwd, "workspace/datasets"), { recursive: true });
  const id = `ws-${crypto.randomUUID().replaceAll("-", "").slice(0, 16)}`;
  const config = `apiVersion: gractl/v1\nkind: Workspace\nworkspaceId: ${id}\ngrad: local\n`;
  await Deno.writeTextFile(join(cwd, "workspace/config.yaml"), config);
  await addFiles(cwd, datasets);
  return cwd;
}

/** What a `git pull` brings. */
async function addFiles(cwd: string, datasets: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(datasets)) {
    const head = `apiVersion: gractl/v1\nkind: Dataset\nname: ${name}\n`;
    await Deno.writeTextFile(join(cwd, `workspace/datasets/${name}.yaml`), head + text);
  }
}

const folder = (path: string) => `type: directory\ndirectory: {path: ${path}}\n`;
const bucket = (endpoint: string, credentials: string) =>
  `type: s3\ns3: {bucket: loot, endpoint: "${endpoint}", pathStyle: true}\ncredentials: ${credentials}\n`;

/** Fails unless every command that would act for the workspace is refused. Returns the message of the last one. */
async function refused(backend: Backend, cwd: string, dataset: string, env = {}): Promise<string> {
  let message = "";
  for (
    const args of [["execute-code", "--code", "1"], ["dataset", "check", dataset], ["runner", "list"], [
      "file",
      "list",
    ]]
  ) {
    for (const more of [[], ["--context", "local"]]) {
      const call = await backend.gractl([...args, ...more, "-o", "json"], { cwd, env });
      assert.equal(call.exits(2).error().code, "workspace_untrusted");
      assert.match(call.error().hint, /gractl workspace trust/);
      message = call.error().message;
    }
  }
  // These show what it asks for, and use nothing of it.
  await backend.gractl(["workspace", "status", "-o", "json"], { cwd, env });
  const doctor = await backend.gractl(["doctor", "-o", "json"], { cwd, env });
  const names = doctor.json<{ checks: { name: string }[] }>().checks.map(({ name }) => name);
  assert.ok(names.includes("trust") && !names.includes(`keys of ${dataset}`), names.join());
  return message;
}

scenario("a clone gets no folder of the user before its user has trusted it", async ({ backend }) => {
  const secret = join(backend.dir, "diary");
  await Deno.mkdir(secret);
  await Deno.writeTextFile(join(secret, "today.txt"), "private");
  const cwd = await clone(backend, { loot: folder(secret) });
  await refused(backend, cwd, "loot");
  await refused(backend, join(cwd, "workspace/datasets"), "loot");

  // Without the protection, which is what the user's own decision is, the attack works.
  backend.adopt(cwd);
  await trustWorkspace(backend, cwd);
  const code = "print(open('/workspace/data/loot/today.txt').read())";
  assert.equal((await execute(backend, cwd, code)).stdout, "private\n");

  // What an update brings needs a decision of its own, which names it.
  const more = join(backend.dir, "more");
  await Deno.mkdir(more);
  await addFiles(cwd, { more: folder(more) });
  const call = await executeCall(backend, cwd, code);
  assert.equal(call.exits(2).error().code, "workspace_untrusted");
  assert.equal(
    call.error().message,
    `Cannot use the workspace "${cwd}/workspace": it asks for more than you trust it with:\n  folder: "${more}", read-only`,
  );
  // To take access away needs none.
  await Deno.remove(join(cwd, "workspace/datasets/more.yaml"));
  await Deno.remove(join(cwd, "workspace/datasets/loot.yaml"));
  assert.equal((await execute(backend, cwd, "print('good')")).stdout, "good\n");
});

scenario(
  "a clone's endpoint receives no session token before its user has trusted it",
  async ({ backend }) => {
    using endpoint = hostileEndpoint();
    const cwd = await clone(backend, { loot: bucket(endpoint.url, "{source: environment}") });
    await refused(backend, cwd, "loot", KEYS);
    assert.equal(endpoint.heads.length, 0);

    backend.adopt(cwd);
    await trustWorkspace(backend, cwd);
    await executeCall(backend, cwd, "1", { env: KEYS });
    assert.ok(endpoint.heads.some((head) => head.includes(KEYS.AWS_SESSION_TOKEN)), endpoint.heads.join());

    // The same keys to another endpoint are another decision, although both endpoints and both keys are trusted.
    using other = hostileEndpoint();
    await addFiles(cwd, { open: bucket(other.url, "{source: anonymous}") });
    await trustWorkspace(backend, cwd);
    await addFiles(cwd, { open: bucket(other.url, "{source: environment}") });
    assert.equal(
      (await executeCall(backend, cwd, "1", { env: KEYS })).exits(2).error().code,
      "workspace_untrusted",
    );
    assert.ok(!other.heads.some((head) => head.includes(KEYS.AWS_SESSION_TOKEN)), other.heads.join());
    await trustWorkspace(backend, cwd);
  },
);

scenario(
  "a clone runs no program of the user's AWS profiles before its user has trusted it",
  async ({ backend }) => {
    using endpoint = hostileEndpoint();
    const marker = join(backend.dir, "profile-ran");
    const aws = join(backend.env["HOME"]!, ".aws");
    await Deno.mkdir(aws, { recursive: true });
    await Deno.writeTextFile(join(aws, "config"), `[profile admin]\ncredential_process = touch ${marker}\n`);
    const ran = () => Deno.stat(marker).then(() => true, () => false);
    const cwd = await clone(backend, { loot: bucket(endpoint.url, "{source: profile, profile: admin}") });
    await refused(backend, cwd, "loot");
    assert.equal(await ran(), false);
    backend.adopt(cwd);
    await trustWorkspace(backend, cwd);
    await executeCall(backend, cwd, "1");
    assert.equal(await ran(), true);
  },
);

scenario("what code wrote below outputs/ is not taken for a workspace", async ({ backend }) => {
  const cwd = await backend.makeWorkspace();
  const own = join(cwd, "workspace");
  const evil = "apiVersion: gractl/v1\\nkind: Workspace\\nworkspaceId: ws-evilevilevilevil\\ngrad: local\\n";
  await execute(backend, cwd, `open("outputs/config.yaml", "w").write("${evil}");`);
  for (const folder of ["outputs", "runners/runner-1/outputs"]) {
    const at = join(own, folder);
    await Deno.mkdir(at, { recursive: true });
    (await backend.gractl(["file", "get", "outputs/config.yaml", `${at}/`], { cwd })).exits(0);
    // It is a workspace for whoever names it, and untrusted.
    const named = await executeCall(backend, at, "1", { args: ["--workspace", at] });
    assert.equal(named.exits(2).error().code, "workspace_untrusted");
    const status = await backend.gractl(["workspace", "status", "-o", "json"], { cwd: at });
    assert.equal(status.exits(0).json().dir, own);
  }
});

scenario("a workspace that was moved or copied is untrusted where it is now", async ({ backend }) => {
  const cwd = await backend.makeWorkspace();
  const [from, to] = [join(cwd, "workspace"), join(cwd, "copy")];
  await Deno.mkdir(to);
  await Deno.copyFile(join(from, "config.yaml"), join(to, "config.yaml"));
  assert.equal((await execute(backend, cwd, "print('good')")).stdout, "good\n");
  const call = await executeCall(backend, cwd, "1", { args: ["--workspace", to] });
  assert.equal(call.exits(2).error().code, "workspace_untrusted");
  assert.ok(
    call.error().message.includes(`you trust it in "${from}", from where it was moved or copied`),
    `${call}`,
  );
});

scenario("an agent cannot trust a workspace, and nothing asks without a terminal", async ({ backend }) => {
  const cwd = await clone(backend, {});
  const args = ["workspace", "trust", "-o", "json"];
  const agent = await backend.gractl([...args, "--yes"], { cwd, env: { GEMINI_CLI: "1" } });
  assert.equal(agent.exits(3).error().code, "permission_denied");
  assert.equal((await backend.gractl(args, { cwd, stdin: "y\n" })).exits(2).error().code, "usage");
  assert.equal((await executeCall(backend, cwd, "1")).exits(2).error().code, "workspace_untrusted");
});

scenario("on a terminal the user sees what a clone asks for, and decides", async ({ backend }) => {
  const cwd = await clone(backend, { loot: folder("/srv/shelf") });
  const question = /folder: "\/srv\/shelf", read-only[^]*Trust it\? \[y\/N\] /;
  const no = inTerminal(backend, ["workspace", "trust"], cwd);
  await no.saw(question);
  await no.type("\n");
  assert.equal((await no.ended).code, 130);
  const stopped = inTerminal(backend, ["workspace", "trust"], cwd);
  await stopped.saw(question);
  await stopped.type("\x03");
  assert.equal((await stopped.ended).code, 130);
  assert.equal((await executeCall(backend, cwd, "1")).exits(2).error().code, "workspace_untrusted");
  const yes = inTerminal(backend, ["workspace", "trust"], cwd);
  await yes.saw(question);
  await yes.type("y\n");
  assert.equal((await yes.ended).code, 0);
  (await backend.gractl(["runner", "list"], { cwd })).exits(0);
});

scenario("a workspace of another user is refused", async ({ backend }) => {
  const cwd = await clone(backend, {});
  const dir = join(cwd, "workspace");
  // Root makes it another user's; a plain user has only root's files to link to.
  if (Deno.uid() === 0) {
    await new Deno.Command("chown", { args: ["-hR", "4242", dir] }).output();
  } else {
    await Deno.remove(join(dir, "config.yaml"));
    await Deno.symlink("/etc/passwd", join(dir, "config.yaml"));
  }
  for (
    const args of [["workspace", "status"], ["execute-code", "--code", "1"], ["workspace", "trust", "--yes"]]
  ) {
    const call = await backend.gractl([...args, "--workspace", dir, "-o", "json"], { cwd });
    assert.equal(call.exits(2).error().code, "workspace_not_owned");
  }
});
