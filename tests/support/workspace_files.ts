import { join } from "node:path";
import { stringify } from "yaml";
import type { Backend } from "./backend.ts";

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

/** Runs gractl: a backend. */
type Gractl = Pick<Backend, "gractl">;

/**
 * Writes datasets/<name>.yaml as a person would, without gractl, and trusts the workspace with it. `cwd` is the folder that holds
 * `workspace`.
 */
export async function writeS3Dataset(backend: Gractl, cwd: string, dataset: DatasetText): Promise<void> {
  const { name, endpoint, bucket, prefix = "", access = "read-only" } = dataset;
  const { credentials = { source: "environment" } } = dataset;
  await writeDataset(backend, cwd, name, {
    type: "s3",
    s3: { endpoint, region: "us-east-1", bucket, prefix, pathStyle: true },
    access,
    credentials,
  });
}

export async function writeDirectoryDataset(
  backend: Gractl,
  cwd: string,
  name: string,
  path: string,
  access: Access = "read-only",
): Promise<void> {
  openToRunners(path, access);
  await writeForeignDirectoryDataset(backend, cwd, name, path, access);
}

/** The same for a folder whose rights a test must not change. */
export async function writeForeignDirectoryDataset(
  backend: Gractl,
  cwd: string,
  name: string,
  path: string,
  access: Access = "read-only",
): Promise<void> {
  await writeDataset(backend, cwd, name, { type: "directory", directory: { path }, access });
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

async function writeDataset(
  backend: Gractl,
  cwd: string,
  name: string,
  fields: Readonly<Record<string, unknown>>,
): Promise<void> {
  const head = { apiVersion: "gractl/v1", kind: "Dataset", name, description: `The tests' ${name}` };
  const dir = join(cwd, "workspace/datasets");
  Deno.mkdirSync(dir, { recursive: true });
  Deno.writeTextFileSync(
    join(dir, `${name}.yaml`),
    stringify({ ...head, ...fields }, { aliasDuplicateObjects: false }),
  );
  await trustWorkspace(backend, cwd);
}

/** What a person does who has read what the files of a workspace ask for. */
export async function trustWorkspace(backend: Gractl, cwd: string): Promise<void> {
  (await backend.gractl(["workspace", "trust", "--yes", "-o", "json"], { cwd })).exits(0);
}
