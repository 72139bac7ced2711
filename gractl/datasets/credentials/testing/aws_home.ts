import { join } from "node:path";
import type { DatasetFile } from "../../../workspace/dataset_file.ts";
import type { CredentialsRef } from "../../sources/credentials_ref.ts";
import { type TempDir, tempDir } from "../../../workspace/testing/temp_dir.ts";

/** A secret key. No error may contain it. */
export const SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

export type AwsHome = TempDir & {
  readonly env: Readonly<Record<string, string>>;
  /** An executable script. */
  script(name: string, text: string): Promise<string>;
};

/**
 * A home folder with AWS files, and a workspace beside it. Until it is disposed, HOME of this process is the home folder: the SDK
 * reads the process environment.
 */
export async function awsHome(
  files: { config?: string; credentials?: string } = {},
  variables: Readonly<Record<string, string>> = {},
): Promise<AwsHome> {
  const dir = await tempDir();
  const home = join(dir.path, "home");
  await Deno.mkdir(join(home, ".aws"), { recursive: true });
  await Deno.mkdir(join(dir.path, "workspace/datasets"), { recursive: true });
  for (const [name, text] of Object.entries(files)) await dir.write(`home/.aws/${name}`, text);
  const set = { HOME: home, ...variables };
  const before = Object.keys(set).map((name) => [name, Deno.env.get(name)] as const);
  for (const [name, value] of Object.entries(set)) Deno.env.set(name, value);
  return {
    ...dir,
    env: set,
    async script(name, text) {
      const file = await dir.write(`home/${name}`, `#!/bin/sh\n${text}\n`);
      await Deno.chmod(file, 0o700);
      return file;
    },
    async [Symbol.asyncDispose]() {
      for (const [name, value] of before) {
        value === undefined ? Deno.env.delete(name) : Deno.env.set(name, value);
      }
      await dir[Symbol.asyncDispose]();
    },
  };
}

/** A dataset in the workspace beside the home folder. */
export function datasetWith(home: { path: string }, credentials: CredentialsRef): DatasetFile {
  return {
    file: join(home.path, "workspace/datasets/flights.yaml"),
    name: "flights",
    description: "",
    access: "read-only",
    source: {
      type: "s3",
      endpoint: "",
      region: "",
      bucket: "nyc",
      prefix: "",
      pathStyle: false,
      credentials,
    },
  };
}

/** All text of an error that could be printed: messages, hints, stacks, causes. */
export function allOf(error: unknown, depth = 0): string {
  if (!(error instanceof Error) || depth > 5) return String(error);
  return [
    error.message,
    error.stack,
    String((error as { hint?: unknown }).hint),
    allOf(error.cause, depth + 1),
  ].join("\n");
}
