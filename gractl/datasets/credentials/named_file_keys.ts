import { dirname, sep } from "node:path";
import { GradError } from "../../../shared/errors.ts";
import { type Env, expandHome } from "./aws_files.ts";
import { parseIni, type Section } from "./ini_file.ts";
import { checkKeys, type Keys } from "./keys.ts";
import { staticKeys } from "./profile_keys.ts";

const MAX_BYTES = 1024 * 1024;

/** Ways to keys that run programs or ask services: not from a file that a workspace names. */
const OTHER_WAYS =
  /^(credential_process|role_arn|source_profile|credential_source|web_identity_token_file|sso_\w+|login_session)$/;

/**
 * Keys from the `file` that a dataset names. The dataset's file may be a stranger's: workspaces are cloned. Were the named file read
 * by the SDK, a clone could bring a file whose credential_process runs a command of the stranger's choice, just by being used. So
 * the file must lie outside of the workspace, where a clone puts nothing, and only keys that stand in it are taken; whatever would
 * run, assume or fetch is refused. (In the workspace a key would be committed and copied to runners, too.)
 *
 * @throws {GradError} `credentials_not_found`, `credentials_failed`
 */
export async function namedFileKeys(
  wanted: { dataset: string; datasetFile: string; profile: string; file: string },
  env: Env,
): Promise<Keys> {
  const { dataset } = wanted;
  const profile = wanted.profile || env["AWS_PROFILE"] || "default";
  const path = expandHome(wanted.file, env);
  const sections = parseIni(
    await readOutside(path, { dataset, workspace: dirname(dirname(wanted.datasetFile)) }),
  );
  const section = sections.get(profile) ?? sections.get(`profile ${profile}`);
  if (section === undefined) {
    throw new GradError(
      "credentials_not_found",
      `${cannot(dataset)}: "${path}" has no profile "${profile}"`,
      {
        hint: `Profiles there are: ${[...sections.keys()].slice(0, 20).join(", ") || "none"}.`,
      },
    );
  }
  const other = otherWay(section);
  if (other !== undefined) {
    throw new GradError(
      "credentials_failed",
      `Cannot use the profile "${profile}" of "${path}" for dataset "${dataset}": it has ${other}, and from a file that a workspace names only keys are taken`,
      {
        hint:
          "Put the profile into ~/.aws/config and remove `file:` from the dataset, or put keys into the file.",
      },
    );
  }
  const keys = staticKeys(section);
  if (keys === undefined) {
    throw new GradError(
      "credentials_not_found",
      `${
        cannot(dataset)
      }: the profile "${profile}" of "${path}" lacks aws_access_key_id or aws_secret_access_key`,
      { hint: "Add them to the file." },
    );
  }
  return checkKeys(keys, {
    dataset,
    names: ["aws_access_key_id", "aws_secret_access_key", "aws_session_token"],
  });
}

function otherWay(section: Section): string | undefined {
  return Object.keys(section).find((key) => OTHER_WAYS.test(key));
}

async function readOutside(
  path: string,
  { dataset, workspace }: { dataset: string; workspace: string },
): Promise<string> {
  const fail = (code: "credentials_not_found" | "credentials_failed", why: string, hint: string) =>
    new GradError(code, `${cannot(dataset)}: "${path}" ${why}`, { hint });
  let real: string;
  try {
    // Both without links, so that none leads back into the workspace.
    const [file, dir] = await Promise.all([
      Deno.realPath(path),
      Deno.realPath(workspace).catch(() => workspace),
    ]);
    if (file.startsWith(dir + sep)) {
      throw fail(
        "credentials_failed",
        "lies in the workspace, where no key may stand",
        "Move it to a folder outside.",
      );
    }
    real = file;
    const { isFile, size } = await Deno.stat(real);
    if (!isFile || size > MAX_BYTES) {
      throw fail("credentials_failed", "is no credentials file", "Name a file like ~/.aws/credentials.");
    }
    return await Deno.readTextFile(real);
  } catch (error) {
    if (error instanceof GradError) throw error;
    throw error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory
      ? fail(
        "credentials_not_found",
        "does not exist",
        "Correct `file:` below `credentials:` in the dataset's file.",
      )
      : fail("credentials_failed", "cannot be read", "Give yourself the right to read it.");
  }
}

function cannot(dataset: string): string {
  return `Cannot find the keys of dataset "${dataset}"`;
}
