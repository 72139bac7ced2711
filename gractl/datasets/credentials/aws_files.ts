import { join } from "node:path";
import { GradError } from "../../../shared/errors.ts";
import { parseIni, type Section } from "./ini_file.ts";

export type Env = Readonly<Record<string, string>>;

/** Where the AWS tools keep their configuration. */
export type AwsFiles = Readonly<{ config: string; credentials: string }>;

/** `~/` stands for HOME; other paths stay as they are. */
export function expandHome(path: string, env: Env): string {
  const home = env["HOME"];
  return path.startsWith("~/") && home ? join(home, path.slice(2)) : path;
}

export function awsFiles(env: Env): AwsFiles {
  const place = (variable: string, name: string) => expandHome(env[variable] || `~/.aws/${name}`, env);
  return {
    config: place("AWS_CONFIG_FILE", "config"),
    credentials: place("AWS_SHARED_CREDENTIALS_FILE", "credentials"),
  };
}

/** All profiles of both files; where both have a key, the credentials file's counts. */
export async function readProfiles(files: AwsFiles): Promise<ReadonlyMap<string, Section>> {
  const [config, credentials] = await Promise.all([readIni(files.config), readIni(files.credentials)]);
  const profiles = new Map<string, Section>();
  for (const [title, section] of config) {
    const name = title === "default" ? title : /^profile (.+)$/.exec(title)?.[1];
    if (name !== undefined) profiles.set(name, section);
  }
  for (const [name, section] of credentials) profiles.set(name, { ...profiles.get(name), ...section });
  return profiles;
}

async function readIni(path: string): Promise<ReadonlyMap<string, Section>> {
  try {
    return parseIni(await Deno.readTextFile(path));
  } catch (error) {
    // Either file may be absent.
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return new Map();
    throw new GradError("credentials_failed", `Cannot read the AWS file "${path}"`, {
      hint:
        "Give yourself the right to read it; AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE name other files.",
    });
  }
}
