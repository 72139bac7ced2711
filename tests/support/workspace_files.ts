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
  writeDataset(cwd, name, { type: "directory", directory: { path }, access });
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
