import assert from "node:assert/strict";
import { exampleGrad } from "../testing/examples.ts";
import { eventsOf, EXECUTION, scripted, STARTED, SUCCEEDED, utf8 } from "../testing/fake_grad.ts";
import { tempWorkspace } from "../workspace/testing/temp_dir.ts";
import { runCommand } from "./testing/run_command.ts";

const IDS = ["raaaaaaaaaaaa-7f00000000000000", "raaaaaaaaaaaa-7e00000000000000", EXECUTION.id];

/** Runs `execution` in a workspace whose runner has the executions of {@link IDS}; answers also with the id that was asked for. */
async function run(args: readonly string[], ids = IDS) {
  await using dir = await tempWorkspace();
  const asked: string[] = [];
  const runners: string[] = [];
  const events = scripted(eventsOf(STARTED, { type: "stdout", data: utf8("hello\n") }, SUCCEEDED));
  const client = exampleGrad({
    executions: {
      ...events,
      list({ runner, limit }) {
        runners.push(runner.name);
        return Promise.resolve(ids.slice(0, limit).map((id) => ({ ...EXECUTION, id })));
      },
      get(id) {
        asked.push(id);
        return Promise.resolve({ ...EXECUTION, id, code: "\n1 + 1\n" });
      },
      interrupt({ executionId: id }) {
        asked.push(id);
        return Promise.resolve({ ...EXECUTION, id });
      },
    },
  });
  const ran = await runCommand(["execution", ...args], { cwd: dir.path, client });
  return { ...ran, asked, runners };
}

const meant: [args: string[], id: string][] = [
  [["get", "@last"], IDS[0]!],
  [["attach"], IDS[0]!],
  [["attach", "@last"], IDS[0]!],
  [["interrupt", "@last"], IDS[0]!],
  [["get", "7e"], IDS[1]!],
  [["get", "raaaaaaaaaaaa-7e"], IDS[1]!],
  [["get", "0"], EXECUTION.id],
  [["interrupt", "7f"], IDS[0]!],
];
for (const [args, id] of meant) {
  Deno.test(`gractl execution ${args.join(" ")} means ${id}`, async () => {
    const { exit, asked, stderr } = await run(args);
    assert.deepEqual([exit, asked], [0, [id]], stderr);
  });
}

Deno.test("gractl execution get of a whole id lists nothing", async () => {
  assert.deepEqual((await run(["get", EXECUTION.id])).runners, []);
});

Deno.test("gractl execution get @last --runner big is the newest of that runner", async () => {
  assert.deepEqual((await run(["get", "@last", "--runner", "big"])).runners, ["big"]);
});

const refused: [args: string[], ids: string[], code: string, message: RegExp][] = [
  [["get", "@last"], [], "execution_not_found", /No code has run in runner-1 yet/],
  [["attach"], [], "execution_not_found", /No code has run/],
  [["get", "7"], IDS, "usage", /2 ids begin with it: raaaaaaaaaaaa-7f0+, raaaaaaaaaaaa-7e0+$/],
  [["get", "nothing"], IDS, "execution_not_found", /begins with "nothing"/],
  [["get", ""], IDS, "execution_not_found", /begins with ""/],
];
for (const [args, ids, code, message] of refused) {
  Deno.test(`gractl execution ${args.join(" ")} of ${ids.length} executions is refused as ${code}`, async () => {
    const { exit, json, asked } = await run([...args, "-o", "json"], ids);
    assert.deepEqual([exit, asked], [2, []]);
    assert.equal(json().error?.code, code);
    assert.match(json().error?.message ?? "", message);
  });
}

Deno.test("gractl execution get shows the code and the output", async () => {
  const { stdout } = await run(["get", "@last"]);
  assert.match(stdout, /^id: +raaaaaaaaaaaa-7f0+\n[^]*\n\ncode:\n\n?1 \+ 1\n\noutput:\nhello\n$/);
  const document = JSON.parse((await run(["get", "@last", "-o", "json"])).stdout);
  assert.deepEqual([document.code, document.stdout], ["\n1 + 1\n", "hello\n"]);
});
