import assert from "node:assert/strict";
import { join } from "node:path";
import type { Event, EventKind } from "../client/executions.ts";
import { fakeDeps } from "../testing/fake_deps.ts";
import { eventsOf, EXECUTION, fakeGrad, STARTED, SUCCEEDED, utf8 } from "../testing/fake_grad.ts";
import type { Format } from "../ui/output.ts";
import { assertGolden } from "../../shared/testing/golden.ts";
import { workspaceOutputs } from "./output/output_folder.ts";
import { showExecution } from "./show_execution.ts";

const PNG = Uint8Array.of(0x89, 0x50, 0x4e, 0x47);

/** One event of every type. */
const EVERYTHING = eventsOf(
  { type: "queued", ahead: 1 },
  { type: "started", generation: 2, freshKernel: true, previousEnd: "out_of_memory" },
  { type: "stdout", data: utf8("hello ").subarray(0, 6) },
  { type: "stdout", data: Uint8Array.of(0xe2, 0x82) },
  { type: "stderr", data: utf8("careful\n") },
  { type: "stdout", data: Uint8Array.of(0xac, 0x0a, 0xff, 0x0a) },
  {
    type: "display",
    bundle: {
      displayId: "",
      update: false,
      parts: [
        { mediaType: "text/plain", data: utf8("<Figure>"), path: "", bytes: 8 },
        { mediaType: "image/png", data: PNG, path: `outputs/${EXECUTION.id}/figure-1.png`, bytes: 4 },
      ],
    },
  },
  {
    type: "result",
    bundle: {
      displayId: "",
      update: false,
      parts: [
        { mediaType: "text/plain", data: utf8("   a\n0  1"), path: "", bytes: 9 },
        { mediaType: "application/json", data: utf8('{"a":[1]}'), path: "", bytes: 9 },
      ],
    },
  },
  { type: "gap", gap: { of: "stdout", amount: 3 * 2 ** 20, path: `outputs/${EXECUTION.id}/stdout.txt` } },
  {
    type: "error",
    error: {
      code: "code_raised",
      name: "ValueError",
      message: "no",
      traceback: ["Traceback (most recent call last)", "ValueError: no"],
      fullTraceback: [],
      hint: "",
    },
  },
  { type: "artifact", artifact: { path: "outputs/t.csv", bytes: 3, sha256: "", mediaType: "text/csv" } },
  {
    type: "finished",
    status: "failed",
    durationMs: 1_234,
    usage: { cpuMs: 12, peakMemoryBytes: 2 ** 20 },
    truncated: { stdout: true, stderr: false, results: false },
  },
);

async function show(events: readonly Event[], options: { format: Format; terminal?: boolean }) {
  const dir = await Deno.makeTempDir({ prefix: "gractl-test-" });
  await Deno.mkdir(join(dir, "workspace"));
  const client = fakeGrad({
    files: { read: () => Promise.resolve({ data: utf8("a,b"), totalBytes: 3, revision: "1", mode: 0o644 }) },
  });
  const deps = fakeDeps({ client, cwd: dir, terminal: options.terminal ?? false });
  deps.out.configure({ format: options.format, color: false, quiet: false });
  try {
    await showExecution(deps, {
      execution: EXECUTION,
      events: (async function* () {
        yield* events;
      })(),
      client,
      outputs: workspaceOutputs(join(dir, "workspace"), deps.ids),
      artifacts: true,
      inline: true,
      warnings: [],
      signal: deps.signal,
    });
    const saved = [];
    for await (const { name } of Deno.readDir(join(dir, "workspace", "outputs", EXECUTION.id))) {
      saved.push(name);
    }
    const clean = (text: string) => text.replaceAll(dir, "/cwd");
    return {
      stdout: clean(deps.text.stdout),
      stderr: clean(deps.text.stderr),
      exit: deps.exit,
      saved: saved.sort(),
    };
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

const golden = (name: string) => new URL(`testdata/${name}`, import.meta.url);

Deno.test("showExecution() as text streams output, shows results, and lists files at the end", async () => {
  const { stdout, stderr, exit, saved } = await show(EVERYTHING, { format: "text" });
  await assertGolden(`--- stdout\n${stdout}--- stderr\n${stderr}`, golden("everything.text.golden"));
  assert.equal(exit, 1);
  assert.deepEqual(saved, ["figure-1.png", "t.csv"]);
});

Deno.test("showExecution() as JSON is one document with all fields", async () => {
  const { stdout, stderr, exit } = await show(EVERYTHING, { format: "json" });
  await assertGolden(
    `${JSON.stringify(JSON.parse(stdout), undefined, 2)}\n`,
    golden("everything.json.golden"),
  );
  assert.equal(stderr, "");
  assert.equal(exit, 1);
});

Deno.test("showExecution() as ndjson is a line for each event", async () => {
  const { stdout, exit } = await show(EVERYTHING, { format: "ndjson" });
  await assertGolden(stdout, golden("everything.ndjson.golden"));
  assert.equal(exit, 1);
});

Deno.test("showExecution() on a terminal ends with the status", async () => {
  const { stderr } = await show(eventsOf(STARTED, { ...image(1) }, SUCCEEDED), {
    format: "text",
    terminal: true,
  });
  assert.match(stderr, /succeeded after 1\.2 s · session default · raaaaaaaaaaaa-0123456789abcdef\n$/);
});

function image(number: number): EventKind {
  const path = `outputs/${EXECUTION.id}/figure-${number}.png`;
  const parts = [{ mediaType: "image/png", data: PNG, path, bytes: 4 }];
  return { type: "display", bundle: { displayId: "d", update: number > 1, parts } };
}

Deno.test("showExecution() as JSON replaces a display by its update", async () => {
  const { stdout } = await show(eventsOf(STARTED, image(1), image(2), SUCCEEDED), { format: "json" });
  const { results } = JSON.parse(stdout);
  assert.equal(results.length, 1);
  assert.match(results[0].mime["image/png"].path, /figure-2\.png$/);
});

Deno.test("showExecution() as JSON is bounded, and marks what is omitted", async () => {
  const chunk = new Uint8Array(256 * 1_024).fill(120);
  const much = Array.from({ length: 64 }, (): EventKind => ({ type: "stdout", data: chunk }));
  const { stdout } = await show(eventsOf(STARTED, image(1), ...much, SUCCEEDED), { format: "json" });
  const document = JSON.parse(stdout);
  assert.deepEqual(document.truncated, { stdout: true, stderr: false, results: false });
  assert.ok(document.stdout.length < 257 * 1_024, `${document.stdout.length}`);
  assert.match(document.stdout, /\[… \d+ bytes omitted …\]/);
  assert.deepEqual(document.warnings, [
    `16 MiB of stdout are not shown; outputs/${EXECUTION.id}/stdout.txt has all of it`,
  ]);
});

Deno.test("showExecution() as JSON shortens a long text of a result", async () => {
  const data = utf8("y".repeat(200_000));
  const parts = [{ mediaType: "text/plain", data, path: "", bytes: data.length }];
  const result: EventKind = { type: "result", bundle: { displayId: "", update: false, parts } };
  const { stdout } = await show(eventsOf(STARTED, image(1), result, SUCCEEDED), { format: "json" });
  const document = JSON.parse(stdout);
  assert.equal(document.truncated.results, true);
  assert.ok(document.results[1].mime["text/plain"].length < 66_000);
});

Deno.test("showExecution() hints how to attach again when grad is lost", async () => {
  const { GradError } = await import("../../shared/errors.ts");
  const deps = fakeDeps();
  const events = (async function* (): AsyncGenerator<Event> {
    yield* eventsOf(STARTED);
    throw new GradError("grad_unavailable", "Cannot reach grad");
  })();
  const shown = showExecution(deps, {
    execution: EXECUTION,
    events,
    client: fakeGrad(),
    outputs: () => undefined,
    artifacts: true,
    inline: true,
    warnings: [],
    signal: deps.signal,
  });
  await assert.rejects(shown, { code: "outcome_unknown", hint: /gractl execution attach raaaaaaaaaaaa-/ });
});

for (
  const [mediaType, name, line] of [
    ["application/pdf", "result-1.pdf", "plot"],
    ["audio/wav", "result-1.wav", "audio"],
    ["video/mp4; codecs=avc1", "result-1.mp4", "video"],
  ] as const
) {
  Deno.test(`showExecution() as text says where a result of type ${mediaType} was saved`, async () => {
    const parts = [
      { mediaType: "text/plain", data: utf8("<object>"), path: "", bytes: 8 },
      { mediaType, data: PNG, path: `outputs/${EXECUTION.id}/${name}`, bytes: 4 },
    ];
    const shown: EventKind = { type: "display", bundle: { displayId: "", update: false, parts } };
    const { stdout, saved } = await show(eventsOf(STARTED, shown, SUCCEEDED), { format: "text" });
    assert.equal(stdout, `${line}: workspace/outputs/${EXECUTION.id}/${name}\n`);
    assert.ok(saved.includes(name));
  });
}
