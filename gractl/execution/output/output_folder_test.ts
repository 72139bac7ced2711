import assert from "node:assert/strict";
import { join } from "node:path";
import { fakeIds, tempDir } from "../../workspace/testing/temp_dir.ts";
import { chosenOutputs, workspaceOutputs } from "./output_folder.ts";
import { OutputSaver, type SaverOptions } from "./output_saver.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const part = (path: string, text: string) => {
  const data = bytes(text);
  return { path, data, bytes: data.length, mediaType: "image/png" };
};

function saverIn(folder: SaverOptions["folder"], executionId = "x") {
  const warnings: string[] = [];
  const saver = new OutputSaver({
    folder,
    executionId,
    ids: fakeIds(),
    artifacts: true,
    warn: (text) => warnings.push(text),
    download: () => Promise.reject(new Error("Downloaded, which this test does not expect")),
  });
  return { saver, warnings };
}

Deno.test("workspaceOutputs() leads outputs/latest to the execution that was saved last", async () => {
  await using dir = await tempDir();
  const outputs = workspaceOutputs(dir.path, fakeIds());
  const read = () => Deno.readTextFile(join(dir.path, "outputs/latest/figure-1.png"));
  for (const id of ["a", "b", "a"]) {
    await saverIn(outputs(id), id).saver.part(part(`outputs/${id}/figure-1.png`, id));
    assert.equal(await read(), id);
  }
  await saverIn(outputs("c"), "c").saver.part(part("", "nothing is saved"));
  assert.equal(await read(), "a", "an execution without files is not the latest");
});

Deno.test("workspaceOutputs() leaves what is outputs/latest and no link", async () => {
  await using dir = await tempDir();
  await dir.write("outputs/latest/mine", "mine");
  const { saver, warnings } = saverIn(workspaceOutputs(dir.path, fakeIds())("x"));
  assert.ok(await saver.part(part("outputs/a.png", "1")));
  assert.deepEqual([warnings, await dir.read("outputs/latest/mine")], [[], "mine"]);
});

Deno.test("workspaceOutputs() writes nothing where outputs/latest leads", async () => {
  await using dir = await tempDir();
  await dir.write("secret/.keep", "");
  await dir.write("outputs/.keep", "");
  await Deno.symlink(join(dir.path, "secret"), join(dir.path, "outputs/latest"));
  const { saver } = saverIn(workspaceOutputs(dir.path, fakeIds())("x"));
  await saver.part(part("outputs/latest/a.png", "1"));
  assert.deepEqual([...Deno.readDirSync(join(dir.path, "secret"))].map(({ name }) => name), [".keep"]);
  assert.equal(await Deno.readLink(join(dir.path, "outputs/latest")), "x");
});

Deno.test("chosenOutputs() saves files in the folder itself, and creates it", async () => {
  await using dir = await tempDir();
  const options = { cwd: dir.path, workspaceDir: join(dir.path, "workspace"), replace: false };
  await dir.write("workspace/config.yaml", "");
  const outputs = await chosenOutputs("plots/new", options);
  const path = await saverIn(outputs("x")).saver.part(part("outputs/x/figure-1.png", "1"));
  assert.equal(path, join(await Deno.realPath(dir.path), "plots/new/figure-1.png"));
  assert.equal(await Deno.readTextFile(path), "1");
});

Deno.test("chosenOutputs() replaces no file, and takes one with the same content for saved", async () => {
  await using dir = await tempDir();
  const options = { cwd: dir.path, workspaceDir: undefined, replace: false };
  await dir.write("a.png", "same");
  await dir.write("Makefile", "all: mine");
  const { saver, warnings } = saverIn((await chosenOutputs(".", options))("x"));
  assert.ok(await saver.part(part("outputs/a.png", "same")));
  assert.deepEqual(warnings, []);
  assert.equal(await saver.part(part("outputs/Makefile", "all: yours")), undefined);
  assert.match(warnings[0]!, /Makefile is there already; replace it with --force$/);
  assert.equal(await dir.read("Makefile"), "all: mine");

  const forced = saverIn((await chosenOutputs(".", { ...options, replace: true }))("x"));
  assert.ok(await forced.saver.part(part("outputs/Makefile", "all: yours")));
  assert.equal(await dir.read("Makefile"), "all: yours");
});

Deno.test("chosenOutputs() saves no file in the workspace, but below its outputs/", async () => {
  await using dir = await tempDir();
  await dir.write("workspace/config.yaml", "mine");
  await dir.write("workspace/outputs/.keep", "");
  await dir.write("file", "");
  const options = { cwd: dir.path, workspaceDir: join(dir.path, "workspace"), replace: true };
  for (const inside of ["workspace", "workspace/datasets", "workspace/../workspace/new"]) {
    await assert.rejects(chosenOutputs(inside, options), {
      code: "usage",
      message: /it is in the workspace/,
    });
  }
  await assert.rejects(chosenOutputs("file", options), { code: "invalid_argument" });
  const { saver, warnings } = saverIn((await chosenOutputs(".", options))("x"));
  for (
    const path of ["workspace/config.yaml", "outputs/workspace/datasets/a.yaml", "WORKSPACE/config.yaml"]
  ) {
    assert.equal(await saver.part(part(path, "theirs")), undefined);
  }
  assert.equal(warnings.filter((text) => /a file of the workspace itself/.test(text)).length, 3);
  assert.equal(await dir.read("workspace/config.yaml"), "mine");
  assert.ok(await saver.part(part("workspaces/a", "1")));

  const below = saverIn((await chosenOutputs("workspace/outputs/mine", options))("x"));
  assert.ok(await below.saver.part(part("outputs/a.png", "1")));
  assert.equal(await dir.read("workspace/outputs/mine/a.png"), "1");
});

Deno.test("chosenOutputs() goes through no link that lies below the workspace", async () => {
  await using dir = await tempDir();
  await dir.write("secret/.keep", "");
  await dir.write("workspace/outputs/.keep", "");
  await Deno.symlink(join(dir.path, "secret"), join(dir.path, "workspace/outputs/link"));
  const options = { cwd: dir.path, workspaceDir: join(dir.path, "workspace"), replace: true };
  for (const chosen of ["workspace/outputs/link", "workspace/outputs/link/new"]) {
    const { saver, warnings } = saverIn((await chosenOutputs(chosen, options))("x"));
    assert.equal(await saver.part(part("outputs/a.png", "1")), undefined);
    assert.match(warnings.join(), /is a link, or not a folder/);
  }
  assert.deepEqual([...Deno.readDirSync(join(dir.path, "secret"))].map(({ name }) => name), [".keep"]);
});
