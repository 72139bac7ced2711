import assert from "node:assert/strict";
import { contextHome } from "../auth/testing/context_home.ts";
import { FILES_LINE } from "../completion/scripts.ts";
import { tempWorkspace } from "../workspace/testing/temp_dir.ts";
import { runCommand } from "./testing/run_command.ts";

/** The values that completion proposes for the last word of a command line. */
async function proposed(words: readonly string[]): Promise<readonly string[]> {
  await using dir = await tempWorkspace({ "datasets/flights.yaml": "", "datasets/weather.yaml": "" });
  const { exit, stdout } = await runCommand(["complete", "--", ...words], { cwd: dir.path });
  assert.equal(exit, 0);
  return stdout.trimEnd().split("\n").map((line) => line.split("\t")[0]!);
}

const cases: [words: string[], values: string[]][] = [
  [["execute-code", "--dataset", ""], ["flights", "weather"]],
  [["execute-code", "--file", ""], [FILES_LINE]],
  [["dataset", "get", ""], ["flights", "weather"]],
  [["dataset", "check", "w"], ["weather"]],
  [["dataset", "remove", "f"], ["flights"]],
  [["dataset", "add", "x", ""], [FILES_LINE]],
  [["file", "put", ""], [FILES_LINE]],
  [["file", "get", "outputs/x", ""], [FILES_LINE]],
  [["workspace", "init", ""], [FILES_LINE]],
  [["config", "set", ""], ["grad", "runner", "session"]],
  [["runner", "create", "x", "--network", ""], ["none", "full"]],
  [["version", "--output", ""], ["text", "json", "ndjson"]],
];
for (const [words, values] of cases) {
  Deno.test(`gractl complete -- ${words.join(" ")} proposes ${values.join(", ")}`, async () => {
    assert.deepEqual(await proposed(words), values);
  });
}

Deno.test("gractl complete proposes the user's contexts, and local", async () => {
  await using home = await contextHome({ lab: "unix:/srv/lab/grad.sock", cloud: "https://grad.example.com" });
  const { stdout } = await runCommand(["complete", "--", "runner", "list", "--context", ""], {
    env: { HOME: home.path },
  });
  assert.deepEqual(stdout, "local\t\ncloud\t\nlab\t\n");
});
