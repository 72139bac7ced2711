import { join } from "node:path";
import type { DatasetFile } from "../../../workspace/dataset_file.ts";
import type { CredentialsRef } from "../../sources/credentials_ref.ts";
import { type TempDir, tempDir } from "../../../workspace/testing/temp_dir.ts";

/** Must be in nothing that is thrown. */
export const SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

export type AwsHome = TempDir & {
  readonly env: Readonly<Record<string, string>>;
  /** An executable script. */
  script(name: string, text: string): Promise<string>;
};

/**
 * A home with AWS files and a workspace beside it. HOME of this process is set to it until it is disposed: parts of the SDK read it
 * there, whatever they are given.
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

/** A dataset of the workspace beside the home. */
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

/** Everything of an error that somebody could print: texts, causes, stacks. */
export function allOf(error: unknown, depth = 0): string {
  if (!(error instanceof Error) || depth > 5) return String(error);
  return [
    error.message,
    error.stack,
    String((error as { hint?: unknown }).hint),
    allOf(error.cause, depth + 1),
  ].join("\n");
}
