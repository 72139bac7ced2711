import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { machine } from "../support/machine.ts";
import { eventually, start } from "../support/process.ts";
import { suite } from "../support/suite.ts";

const scenario = suite();

/** Files whose faults took minutes to tell. */
const HOSTILE: Readonly<Record<string, string>> = {
  brackets: "}\n".repeat(32 * 1024),
  quotes: `a: "b\n`.repeat(10_922),
  empty: ": a\n".repeat(16 * 1024),
  huge: "}\n".repeat(512 * 1024),
};

scenario("dataset files that are full of faults are told in short", async (world) => {
  const cwd = await world.backend.makeWorkspace();
  for (const [name, text] of Object.entries(HOSTILE)) {
    await Deno.writeTextFile(join(cwd, `workspace/datasets/${name}.yaml`), text);
  }
  const call = await world.backend.gractl(["dataset", "list", "-o", "json"], { cwd, deadlineMs: 100_000 });
  const { code, message } = call.exits(2).error();
  assert.equal(code, "invalid_file");
  assert.match(message, /huge\.yaml:1:1: is larger than 64 KiB/);
  assert.match(message, /and \d+ more/);
  assert.ok(message.split("\n").length < 100, "a cap on the faults that are told");
});

/** Processor time that a process has used, in ticks of a hundredth of a second; 0 once it has ended. */
async function ticks(pid: number): Promise<number> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => "");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
}

const BUSY = `
Deno.addSignalListener("SIGTERM", () => Deno.exit(0));
console.log("busy");
const until = Date.now() + 3_000;
while (Date.now() < until);
console.log("still busy after SIGTERM");
`;

scenario("SIGTERM ends gractl while it parses", async (world) => {
  const cwd = await world.backend.makeWorkspace();
  // With a handler of its own, a program that is busy does not even notice SIGTERM.
  const busy = start([Deno.execPath(), "eval", "--no-config", BUSY], { cwd, env: world.backend.env });
  await busy.saw(/busy/);
  busy.signal("SIGTERM");
  assert.match((await busy.ended).stdout, /still busy after SIGTERM/);

  const first = join(cwd, "workspace/datasets/d.yaml");
  await Deno.writeTextFile(first, HOSTILE["quotes"]!);
  for (let at = 0; at < 3_000; at++) await Deno.link(first, join(cwd, `workspace/datasets/d${at}.yaml`));
  const listing = world.backend.start(["dataset", "list"], { cwd, deadlineMs: 100_000 });
  let over = false;
  void listing.ended.then(() => over = true, () => over = true);
  await eventually("it parses", async () => over || await ticks(listing.pid) > 150 || undefined);
  assert.ok(!over, "it parses for a long time");
  listing.signal("SIGTERM");
  const { signal, code } = await listing.ended;
  assert.ok(signal === "SIGTERM" || code === 143, `ended by ${signal}, ${code}`);
});

scenario("a looping link in a dataset is told as a fault", async (world) => {
  const cwd = await world.backend.makeWorkspace();
  const datasets = join(cwd, "workspace/datasets");
  await Deno.symlink("loop.yaml", join(datasets, "loop.yaml"));
  const listed = await world.backend.gractl(["dataset", "list", "-o", "json"], { cwd });
  assert.equal(listed.exits(2).error().code, "invalid_file");
  assert.match(listed.error().message, /is a link that leads to itself/);
  await Deno.remove(join(datasets, "loop.yaml"));
  await Deno.symlink("here", join(cwd, "here"));
  const add = await world.backend.gractl(["dataset", "add", "here", "../here", "--no-check", "-o", "json"], {
    cwd,
  });
  if (add.code !== 0) return assert.notEqual(add.error().code, "internal");
  const checked = await world.backend.gractl(["dataset", "check", "here", "-o", "json"], { cwd });
  assert.doesNotMatch(checked.stdout, /"internal"|os error/, checked.toString());
});

machine("a file or a looping link in place of grad's folders is told", async (backend) => {
  const runtime = backend.env["GRAD_RUNTIME_DIR"] ?? "";
  await Deno.mkdir(dirname(runtime), { recursive: true });
  for (const make of [() => Deno.writeTextFile(runtime, "x"), () => Deno.symlink(runtime, runtime)]) {
    await Deno.remove(runtime, { recursive: true }).catch(() => {});
    await make();
    const started = await backend.gractl(["grad", "start", "-o", "json"]);
    const { code, message, hint } = started.error();
    assert.notEqual(code, "internal", `${started}`);
    assert.match(`${message} ${hint}`, /runtime folder/, `${started}`);
    assert.doesNotMatch(message, /os error|uncaught/i);
    await Deno.remove(runtime);
  }
});
