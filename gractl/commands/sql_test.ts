import assert from "node:assert/strict";
import type { ExecuteRequest } from "../client/executions.ts";
import { eventsOf, fakeGrad, scripted, STARTED, SUCCEEDED, utf8 } from "../testing/fake_grad.ts";
import { tempWorkspace } from "../workspace/testing/temp_dir.ts";
import { runCommand } from "./testing/run_command.ts";

/** Runs sql in a workspace; answers also with the request that grad got. */
async function sql(
  args: readonly string[],
  options: { files?: Record<string, string>; stdin?: string } = {},
) {
  await using dir = await tempWorkspace(options.files);
  const script = scripted(eventsOf(STARTED, SUCCEEDED), { first: 5 });
  let request: ExecuteRequest | undefined;
  const client = fakeGrad({
    executions: {
      ...script,
      execute(sent, signal) {
        request = sent;
        return script.execute(sent, signal);
      },
    },
  });
  const line = ["sql", ...args.map((arg) => arg.replace("DIR", dir.path))];
  const ran = await runCommand(line, { cwd: dir.path, client, stdin: utf8(options.stdin ?? "") });
  return { ...ran, request };
}

Deno.test("gractl sql runs its operand, a file or standard input as SQL in Python's kernel", async () => {
  for (
    const given of [
      await sql(["SELECT 1"]),
      await sql(["--file", "DIR/q.sql"], { files: { "q.sql": "SELECT 1" } }),
      await sql(["-"], { stdin: "SELECT 1" }),
    ]
  ) {
    assert.equal(given.exit, 0);
    assert.deepEqual([given.request?.code, given.request?.kernel], ["%%sql\nSELECT 1", "python3"]);
  }
});

Deno.test("gractl sql takes the options of execute-code", async () => {
  const { request } = await sql(["SELECT $n", "--param", "n=1", "--session", "s", "--timeout", "30s"]);
  assert.deepEqual([request?.paramsJson, request?.session, request?.deadlineMs], ['{"n":1}', "s", 30_000]);
});

const refused: [args: string[], code: string][] = [
  [[], "usage"],
  [["SELECT 1", "--file", "q.sql"], "usage"],
  [[" "], "invalid_code"],
  [["--file", "none.sql"], "file_not_found"],
  [["SELECT 1", "--kernel", "bash"], "usage"],
];
for (const [args, code] of refused) {
  Deno.test(`gractl sql ${JSON.stringify(args)} is refused as ${code}`, async () => {
    const { exit, stdout, request } = await sql(["-o", "json", ...args]);
    assert.deepEqual([exit, JSON.parse(stdout).error.code, request], [2, code, undefined]);
  });
}
