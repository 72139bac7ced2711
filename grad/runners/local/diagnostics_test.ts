import assert from "node:assert/strict";
import { GradError } from "../../../shared/errors.ts";
import { systemClock } from "../../../shared/clock.ts";
import { systemProcesses } from "../../../shared/process.ts";
import { aContext } from "../../auth/testing/contexts.ts";
import { Diagnose, type Finding } from "../../diagnostics/diagnose.ts";
import { localDiagnostics, type LocalDiagnosticsOptions } from "./diagnostics.ts";

/** What the checks find on a machine on which the programs that `broken` matches fail. */
async function find(
  changes: Partial<LocalDiagnosticsOptions> & { broken?: RegExp } = {},
): Promise<Record<string, Finding>> {
  const { broken = /^$/, ...options } = changes;
  const run = (argv: readonly string[]) => {
    const bad = broken.test(argv.join(" "));
    return Promise.resolve({
      exitCode: bad ? 1 : 0,
      stdout: bad ? "" : "1.0\n",
      stderr: bad ? "not permitted\n" : "",
    });
  };
  const folder = await Deno.makeTempDir();
  try {
    const diagnostics = localDiagnostics({
      folders: { state: folder, runtime: folder },
      python: "/venv/bin/python",
      sandboxed: true,
      path: "/usr/bin:/bin",
      processes: { run },
      freeBytes: () => Promise.resolve(2 ** 40),
      ...options,
    });
    const findings = await new Diagnose(diagnostics, systemClock).run(aContext());
    assert.deepEqual(await Array.fromAsync(Deno.readDir(folder)), [], "a check left a file");
    return Object.fromEntries(findings.map((finding) => [finding.id, finding]));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const wrong = (findings: Record<string, Finding>) =>
  Object.values(findings).filter(({ state }) => state !== "ok").map(({ id, state }) => `${id} ${state}`);

Deno.test("localDiagnostics() find nothing on a machine that is in order", async () => {
  const findings = await find();
  assert.deepEqual(wrong(findings), []);
  assert.deepEqual(Object.keys(findings), [
    "folders",
    "disk",
    "python",
    "namespaces",
    "sandbox",
    "s3fs",
    "fuse",
  ]);
  assert.equal(findings.python?.message, "1.0 in /venv/bin/python");
});

const broken: [id: string, program: RegExp, hint: RegExp][] = [
  ["python", /^\/venv\/bin\/python /, /GRAD_RUNNER_PYTHON/],
  ["sandbox", / bwrap --unshare-all/, /--unsafe-no-sandbox/],
  ["namespaces", /^unshare --user .*--mount-proc true$/, /user namespaces/],
  ["s3fs", /^s3fs/, /apt install s3fs/],
  ["fuse", /\/dev\/fuse/, /modprobe fuse/],
];
for (const [id, program, hint] of broken) {
  Deno.test(`localDiagnostics() report when ${id} is not in order, and nothing else`, async () => {
    const findings = await find({ broken: program });
    assert.deepEqual(wrong(findings), [`${id} failed`]);
    assert.match(findings[id]!.message, /not permitted/);
    assert.match(findings[id]!.hint, hint);
  });
}

Deno.test("localDiagnostics() try as the runner's user what runners need, where root runs grad", async () => {
  const venv = await Deno.makeTempDir();
  await Deno.mkdir(`${venv}/bin`);
  await Deno.writeTextFile(`${venv}/bin/python`, "");
  await Deno.writeTextFile(`${venv}/pyvenv.cfg`, "home = /usr/bin\n");
  const root = { users: { of: () => Promise.resolve(30_000) }, python: `${venv}/bin/python` };
  assert.deepEqual(wrong(await find(root)), []);
  const findings = await find({ ...root, broken: /drop_root/ });
  assert.deepEqual(wrong(findings), ["python failed", "namespaces failed", "sandbox failed", "fuse failed"]);
  assert.match(findings["fuse"]!.hint, /CAP_MKNOD/);
  const none = {
    of: () => Promise.reject(new GradError("runner_failed", "none is free", { hint: "not as root" })),
  };
  assert.match((await find({ ...root, users: none })).namespaces!.message, /none is free/);
  await Deno.remove(venv, { recursive: true });
});

const MIB = 2 ** 20;
for (
  const [bytes, state] of [[199 * MIB, "failed"], [200 * MIB, "warning"], [2_047 * MIB, "warning"], [
    2_048 * MIB,
    "ok",
  ]] as const
) {
  Deno.test(`localDiagnostics() judge ${bytes / MIB} MiB of free disk space as ${state}`, async () => {
    const { disk } = await find({ freeBytes: () => Promise.resolve(bytes) });
    assert.equal(disk?.state, state);
  });
}

Deno.test("localDiagnostics() report a folder that is missing", async () => {
  const { folders } = await find({ folders: { state: "/nowhere/state", runtime: "/tmp" } });
  assert.equal(folders?.state, "failed");
  assert.match(folders.message, /\/nowhere\/state/);
});

Deno.test("localDiagnostics() warn of a grad without a sandbox, and try none", async () => {
  const findings = await find({ sandboxed: false, broken: /bwrap/ });
  assert.deepEqual(wrong(findings), ["sandbox warning"]);
  assert.match(findings.sandbox!.message, /--unsafe-no-sandbox/);
});

Deno.test("localDiagnostics() read the real free space of a folder", async () => {
  const folder = await Deno.makeTempDir();
  const { checks } = localDiagnostics({
    folders: { state: folder, runtime: folder },
    python: "/venv/bin/python",
    sandboxed: true,
    path: "",
    processes: systemProcesses,
  });
  const disk = checks.find(({ id }) => id === "disk")!;
  assert.match((await disk.run(new AbortController().signal)).message, /[KMGT]iB are free/);
  await Deno.remove(folder);
});
