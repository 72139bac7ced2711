import { dirname, isAbsolute, relative } from "node:path";
import { z } from "zod";
import type { CredentialsRef } from "./credentials_ref.ts";
import type { ReadAt, SourceFault } from "./source_type.ts";

const WHERE = "outside of the workspace, absolute or below ~/";

const profileName = z.string().regex(
  /^[^\p{Cc}[\]]{1,128}$/u,
  "is not the name of an AWS profile; write one that `aws configure list-profiles` shows",
);
const file = z.string().regex(/^(\/|~\/)[^\p{Cc}]+$/u, `is not a path from the root; name a file ${WHERE}`);

const described = "`source: environment`, `profile` or `anonymous` below `credentials:`";

/** The key `credentials` of sources that take AWS keys. */
export const credentialsSchema = z.discriminatedUnion("source", [
  z.strictObject({ source: z.literal("environment") }),
  z.strictObject({ source: z.literal("profile"), profile: profileName.optional(), file: file.optional() }),
  z.strictObject({ source: z.literal("anonymous") }),
]).describe(described).default({ source: "environment" });

/** Whether a path lies in the folder, by its letters alone. */
export function isBelow(path: string, dir: string): boolean {
  const way = relative(dir, path);
  return way === "" || (way !== ".." && !way.startsWith("../") && !isAbsolute(way));
}

/** The reference, and what is wrong with it where it stands. */
export function readCredentials(
  given: z.output<typeof credentialsSchema>,
  at: ReadAt,
): { ref: CredentialsRef; faults: readonly SourceFault[] } {
  if (given.source !== "profile") return { ref: given, faults: [] };
  const { profile = "", file = "" } = given;
  const workspace = dirname(dirname(at.file));
  const path = file.startsWith("~/") && at.home !== undefined ? `${at.home}/${file.slice(2)}` : file;
  const inside = path.startsWith("/") && isBelow(path, workspace);
  const message = `lies in the workspace, where no key may stand; move it and name it ${WHERE}`;
  return {
    ref: { source: "profile", profile, file },
    faults: inside ? [{ path: ["credentials", "file"], message }] : [],
  };
}
