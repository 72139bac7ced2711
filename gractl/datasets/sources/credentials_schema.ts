import { dirname, isAbsolute, relative } from "node:path";
import { z } from "zod";
import type { CredentialsRef } from "./credentials_ref.ts";
import type { ReadAt, SourceFault } from "./source_type.ts";

const WHERE = "outside the workspace, with an absolute path or one that starts with ~/";

const profileName = z.string().regex(
  /^[^\p{Cc}[\]]{1,128}$/u,
  "is not the name of an AWS profile; use one that `aws configure list-profiles` shows",
);
const file = z.string().regex(/^(\/|~\/)[^\p{Cc}]+$/u, `is not an absolute path; name a file ${WHERE}`);

const described = "`source: environment`, `profile` or `anonymous` under `credentials:`";

/** Schema of the key `credentials`, for sources that need AWS keys. */
export const credentialsSchema = z.discriminatedUnion("source", [
  z.strictObject({ source: z.literal("environment") }),
  z.strictObject({ source: z.literal("profile"), profile: profileName.optional(), file: file.optional() }),
  z.strictObject({ source: z.literal("anonymous") }),
]).describe(described).default({ source: "environment" });

/** Whether a path is `dir` or below it, compared as text: symbolic links are not resolved. */
export function isBelow(path: string, dir: string): boolean {
  const steps = relative(dir, path);
  return steps === "" || (steps !== ".." && !steps.startsWith("../") && !isAbsolute(steps));
}

/** Converts the key's value; the faults name a credentials file that is inside the workspace. */
export function readCredentials(
  given: z.output<typeof credentialsSchema>,
  at: ReadAt,
): { ref: CredentialsRef; faults: readonly SourceFault[] } {
  if (given.source !== "profile") return { ref: given, faults: [] };
  const { profile = "", file = "" } = given;
  const workspace = dirname(dirname(at.file));
  const path = file.startsWith("~/") && at.home !== undefined ? `${at.home}/${file.slice(2)}` : file;
  const inside = path.startsWith("/") && isBelow(path, workspace);
  const message = `is in the workspace, which must not contain keys; move it, and name a file ${WHERE}`;
  return {
    ref: { source: "profile", profile, file },
    faults: inside ? [{ path: ["credentials", "file"], message }] : [],
  };
}
