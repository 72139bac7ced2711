import assert from "node:assert/strict";
import { GradError } from "../../shared/errors.ts";
import { exampleGrad } from "../testing/examples.ts";
import { join } from "node:path";
import { assertGolden } from "../../shared/testing/golden.ts";
import { tempDir, tempWorkspace } from "../workspace/testing/temp_dir.ts";
import { runCommand } from "./testing/run_command.ts";

const added: { name: string; args: string[] }[] = [
  { name: "minimal", args: ["s3://nyc"] },
  {
    name: "everything",
    args: [
      ...[
        "--type",
        "s3",
        "--bucket",
        "nyc",
        "--prefix",
        "flights/2013/",
        "--endpoint",
        "http://127.0.0.1:9000",
      ],
      ...["--region", "eu-central-1", "--path-style", "--access", "read-write", "--credentials", "profile"],
      ...["--profile", "research team", "--credentials-file", "~/keys", "--description", "All: #1\nof 2013"],
    ],
  },
  { name: "profile", args: ["s3://nyc/flights", "--profile", "grad-demo", "--credentials-file", "/keys"] },
  { name: "anonymous", args: ["s3://nyc", "--credentials", "anonymous"] },
  { name: "folder", args: ["--path", "/srv/data"] },
  { name: "location", args: ["/srv/../srv/data", "--description", "true"] },
];

for (const { name, args } of added) {
  Deno.test(`dataset add writes the file of ${name}`, async () => {
    await using dir = await tempWorkspace();
    const ran = await runCommand(["dataset", "add", name, ...args, "--no-check"], {
      cwd: dir.path,
      format: "json",
    });
    assert.equal(ran.exit, 0, ran.stdout);
    const { kind, path, file } = ran.json();
    assert.deepEqual([kind, path, file], [
      "Dataset",
      `/workspace/data/${name}`,
      `${dir.path}/datasets/${name}.yaml`,
    ]);
    const text = await dir.read(`datasets/${name}.yaml`);
    await assertGolden(text, new URL(`testdata/dataset_add/${name}.yaml`, import.meta.url));
    assert.deepEqual(await dir.list(), ["config.yaml", "datasets", `datasets/${name}.yaml`]);
  });
}

const SECRET = "wJalrXUtnFEMI";
const refused: { name: string; args: string[]; code?: string; want: RegExp }[] = [
  { name: "a bad name", args: ["Bad_Name", "s3://nyc"], code: "invalid_name", want: /bad-name/ },
  { name: "a path for a name", args: ["../x", "s3://nyc"], code: "invalid_name", want: /Use "x"/ },
  { name: "no bucket", args: ["x"], want: /s3: is missing/ },
  { name: "an empty bucket", args: ["x", "s3://"], want: /--bucket: / },
  {
    name: "every bad option at once",
    args: ["x", "--bucket", "a", "--prefix", "/", "--endpoint", "h"],
    want: /--bucket: .*--prefix: .*--endpoint: /s,
  },
  {
    name: "options of two types",
    args: ["x", "--bucket", "nyc", "--path", "/x"],
    want: /--path is not an option of type s3/,
  },
  { name: "an unknown type", args: ["x", "--type", "s4"], want: /types s3, directory/ },
  { name: "a location and another type", args: ["x", "s3://nyc", "--type", "directory"], want: /of type s3/ },
  { name: "a bucket given twice", args: ["x", "s3://nyc", "--bucket", "abc"], want: /--bucket repeats/ },
  {
    name: "a location of no known kind",
    args: ["x", `https://ann:${SECRET}@host/b`],
    want: /its location is neither s3:\/\/BUCKET\/PREFIX nor a folder/,
  },
  {
    name: "a location that is a bare word",
    args: ["x", "b"],
    want:
      /"b" is neither s3:\/\/BUCKET\/PREFIX nor a folder \(\/…, \.\/…, ~\/…\).*Write s3:\/\/b .* or \.\/b /,
  },
  {
    name: "a user in the endpoint",
    args: ["x", "s3://nyc", "--endpoint", `http://ann:${SECRET}@host`],
    want: /--endpoint: contains a user/,
  },
  { name: "a key in the bucket", args: ["x", `s3://ann:${SECRET}@nyc`], want: /--bucket: / },
  {
    name: "a profile without need",
    args: ["x", "s3://nyc", "--credentials", "anonymous", "--profile", "a"],
    want: /--profile: belongs to `source: profile`/,
  },
  {
    name: "a credentials file in the workspace",
    args: ["x", "s3://nyc", "--credentials-file", "keys"],
    want: /--credentials-file: is in the workspace/,
  },
];

for (const { name, args, code = "invalid_argument", want } of refused) {
  Deno.test(`dataset add refuses ${name} and writes nothing`, async () => {
    await using dir = await tempWorkspace();
    const ran = await runCommand(["dataset", "add", ...args, "--no-check"], {
      cwd: dir.path,
      format: "json",
    });
    assert.equal(ran.exit, 2);
    const { error } = ran.json();
    assert.equal(error?.code, code);
    assert.match(`${error?.message} ${error?.hint}`, want);
    assert.ok(!ran.stdout.includes(SECRET));
    assert.deepEqual(await dir.list(), ["config.yaml"]);
  });
}

Deno.test("dataset add refuses an existing name and leaves its file unchanged", async () => {
  await using dir = await tempWorkspace();
  await dir.write("datasets/x.yaml", "# mine\n");
  const ran = await runCommand(["dataset", "add", "x", "s3://nyc"], { cwd: dir.path, format: "json" });
  assert.equal(ran.json().error?.code, "dataset_exists");
  assert.equal(await dir.read("datasets/x.yaml"), "# mine\n");
});

Deno.test("dataset add resolves a relative folder against the current folder", async () => {
  await using dir = await tempWorkspace();
  const ran = await runCommand(["dataset", "add", "x", "./shelf", "--no-check"], {
    cwd: dir.path,
    format: "json",
  });
  assert.deepEqual(ran.json()["directory"], { path: `${dir.path}/shelf` });
});

Deno.test("dataset add says where a link leads, since the folder is trusted with it", async () => {
  await using dir = await tempWorkspace();
  await using other = await tempDir();
  await Deno.symlink(other.path, join(dir.path, "data"));
  const { exit, stderr } = await runCommand(["dataset", "add", "linked", "./data", "--no-check"], {
    cwd: dir.path,
  });
  assert.equal(exit, 0, stderr);
  assert.equal(stderr, `"${join(dir.path, "data")}" leads to "${other.path}": code gets that folder\n`);
  assert.equal(
    (await runCommand(["dataset", "add", "plain", other.path, "--no-check"], { cwd: dir.path })).stderr,
    "",
  );
});

Deno.test("dataset add checks the dataset, and says what is there", async () => {
  await using dir = await tempWorkspace();
  const args = ["dataset", "add", "x", "s3://nyc", "--credentials", "anonymous"];
  const ran = await runCommand(args, { cwd: dir.path, client: exampleGrad({}) });
  assert.equal(ran.exit, 0, ran.stderr);
  assert.match(ran.stdout, /^Added x in \S+\/datasets\/x\.yaml: .*[0-9] files?, /);
});

Deno.test("dataset add adds nothing that cannot be read, unless --no-check is given", async () => {
  await using dir = await tempWorkspace();
  const refusal = new GradError("dataset_bucket_not_found", "There is no bucket", { hint: "Check it." });
  const client = exampleGrad({ datasets: { check: () => Promise.reject(refusal) } });
  const args = ["dataset", "add", "x", "s3://nyc", "--credentials", "anonymous"];
  const ran = await runCommand(args, { cwd: dir.path, client, format: "json" });
  const { error } = ran.json();
  assert.deepEqual([ran.exit, error?.code], [3, "dataset_bucket_not_found"]);
  assert.equal(error?.hint, "Check it. Nothing was added; with `--no-check` it is added all the same.");
  assert.equal((await dir.list()).includes("datasets/x.yaml"), false);
  assert.equal((await runCommand([...args, "--no-check"], { cwd: dir.path, client })).exit, 0);
});

Deno.test("dataset add refuses a folder that does not exist, and a file, before it connects to grad", async () => {
  await using dir = await tempWorkspace({ "file": "" });
  for (const [path, want] of [["./none", /there is no folder/], ["./file", /is not a folder/]] as const) {
    const ran = await runCommand(["dataset", "add", "x", path], { cwd: dir.path, format: "json" });
    assert.deepEqual([ran.exit, ran.json().error?.code], [2, "dataset_invalid"]);
    assert.match(ran.json().error?.message ?? "", want);
    assert.equal((await dir.list()).includes("datasets/x.yaml"), false);
  }
});
