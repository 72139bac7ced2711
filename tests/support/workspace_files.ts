import { join } from "node:path";
import { stringify } from "yaml";

export type Access = "read-only" | "read-write";

/** The contents of a dataset file, with the defaults of the tests. */
export type DatasetText = Readonly<{
  name: string;
  endpoint: string;
  bucket: string;
  prefix?: string;
  access?: Access;
  credentials?: Readonly<Record<string, string>>;
}>;

/** Writes datasets/<name>.yaml as a person would, without gractl. `cwd` is the folder that holds `workspace`. */
export function writeS3Dataset(cwd: string, dataset: DatasetText): void {
  const { name, endpoint, bucket, prefix = "", access = "read-only" } = dataset;
  const { credentials = { source: "environment" } } = dataset;
  writeDataset(cwd, name, {
    type: "s3",
    s3: { endpoint, region: "us-east-1", bucket, prefix, pathStyle: true },
    access,
    credentials,
  });
}

export function writeDirectoryDataset(
  cwd: string,
  name: string,
  path: string,
  access: Access = "read-only",
): void {
  openToRunners(path, access);
  writeDataset(cwd, name, { type: "directory", directory: { path }, access });
}

/** Gives everyone the right that a dataset needs, since runners of root run as another user. Does nothing for a plain user. */
export function openToRunners(path: string, access: Access): void {
  if (Deno.uid() !== 0) return;
  try {
    Deno.chmodSync(path, access === "read-only" ? 0o755 : 0o777);
  } catch (thrown) {
    if (!(thrown instanceof Deno.errors.NotFound)) throw thrown; // a test of a folder that is missing
  }
}

export function removeDataset(cwd: string, name: string): void {
  Deno.removeSync(join(cwd, "workspace/datasets", `${name}.yaml`));
}

function writeDataset(cwd: string, name: string, fields: Readonly<Record<string, unknown>>): void {
  const head = { apiVersion: "gractl/v1", kind: "Dataset", name, description: `The tests' ${name}` };
  const dir = join(cwd, "workspace/datasets");
  Deno.mkdirSync(dir, { recursive: true });
  Deno.writeTextFileSync(
    join(dir, `${name}.yaml`),
    stringify({ ...head, ...fields }, { aliasDuplicateObjects: false }),
  );
}
