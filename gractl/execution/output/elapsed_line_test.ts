import assert from "node:assert/strict";
import { fakeDeps } from "../../testing/fake_deps.ts";
import { ElapsedLine } from "./elapsed_line.ts";

function elapsedLine(options: { terminal?: boolean; quiet?: boolean; mayShow?: boolean } = {}) {
  const { terminal = true, quiet = false, mayShow = true } = options;
  const deps = fakeDeps({ terminal });
  deps.out.configure({ format: "text", color: false, quiet });
  const line = new ElapsedLine({ out: deps.out, clock: deps.clock, mayShow: () => mayShow });
  return { deps, line };
}

Deno.test("ElapsedLine shows how long code has been silent, from the second second on", async () => {
  const { deps, line } = elapsedLine();
  await using _ = line;
  line.started(new Date(deps.clock.now() - 4_000));
  assert.equal(deps.text.stderr, "");
  await deps.clock.advance(1_000);
  assert.match(deps.text.stderr, /running for 5 s · Ctrl-C interrupts it$/);
  await deps.clock.advance(1_000);
  assert.ok(deps.text.stderr.endsWith("\r\x1b[Krunning for 6 s · Ctrl-C interrupts it"));
});

Deno.test("ElapsedLine shows nothing in a second with output", async () => {
  const { deps, line } = elapsedLine();
  await using _ = line;
  line.started(undefined);
  line.output();
  await deps.clock.advance(1_000);
  assert.equal(deps.text.stderr, "");
  await deps.clock.advance(1_000);
  assert.match(deps.text.stderr, /running for 2 s/);
});

for (const options of [{ terminal: false }, { quiet: true }, { mayShow: false }]) {
  Deno.test(`ElapsedLine shows nothing with ${JSON.stringify(options)}`, async () => {
    const { deps, line } = elapsedLine(options);
    await using _ = line;
    line.started(undefined);
    await deps.clock.advance(5_000);
    assert.equal(deps.text.stderr, "");
  });
}

Deno.test("ElapsedLine is cleared at the end, and shows nothing after it", async () => {
  const { deps, line } = elapsedLine();
  line.started(undefined);
  await deps.clock.advance(1_000);
  line.ended();
  const before = deps.text.stderr;
  await deps.clock.advance(5_000);
  assert.equal(deps.text.stderr, before);
  await line[Symbol.asyncDispose]();
  assert.equal(deps.text.stderr, `${before}\r\x1b[K`);
});
