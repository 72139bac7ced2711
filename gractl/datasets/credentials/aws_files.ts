import { join } from "node:path";
import { GradError } from "../../../shared/errors.ts";
import { parseIni, type Section } from "./ini_file.ts";

export type Env = Readonly<Record<string, string>>;

/** Paths of the AWS configuration files. */
export type AwsFiles = Readonly<{ config: string; credentials: string }>;

/** Replaces a leading `~/` with HOME; other paths are returned unchanged, as are all paths where HOME is not set. */
export function expandHome(path: string, env: Env): string {
  const home = env["HOME"];
  return path.startsWith("~/") && home ? join(home, path.slice(2)) : path;
}

/** The files that the AWS tools use: those of AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE, else those in `~/.aws`. */
export function awsFiles(env: Env): AwsFiles {
  const pathOf = (variable: string, name: string) => expandHome(env[variable] || `~/.aws/${name}`, env);
  return {
    config: pathOf("AWS_CONFIG_FILE", "config"),
    credentials: pathOf("AWS_SHARED_CREDENTIALS_FILE", "credentials"),
  };
}

/** Profiles of both files by name. For a setting that both files have, the credentials file takes precedence. @throws {GradError} `credentials_failed` */
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
    // Both files are optional.
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return new Map();
    throw new GradError("credentials_failed", `Cannot read the AWS file "${path}"`, {
      hint:
        "Make it readable for your user, or set AWS_CONFIG_FILE or AWS_SHARED_CREDENTIALS_FILE to another file.",
    });
  }
}
