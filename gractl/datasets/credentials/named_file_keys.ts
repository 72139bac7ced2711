import { closeSync, constants, fstatSync, openSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { dirname, sep } from "node:path";
import { GradError } from "../../../shared/errors.ts";
import { type Env, expandHome } from "./aws_files.ts";
import { parseIni } from "./ini_file.ts";
import { checkKeys, type Keys } from "./keys.ts";
import { staticKeys } from "./profile_keys.ts";

const MAX_BYTES = 1024 * 1024;

/** Settings by which the AWS tools run a program or call a service to get keys. */
const INDIRECT_SETTINGS =
  /^(credential_process|role_arn|source_profile|credential_source|web_identity_token_file|sso_\w+|login_session)$/;

/**
 * Keys from the credentials file that a dataset names. The workspace may be a clone of somebody else's repository, so the file is not
 * given to the AWS SDK: a `credential_process` in it would run a command that the repository's author chose. Therefore the file must
 * be outside the workspace, where a clone cannot put it, and only keys that are written in it are used; settings that run a program,
 * assume a role or call a service are refused. (A key inside the workspace would also be committed and copied to runners.)
 *
 * @throws {GradError} `credentials_not_found`, `credentials_failed`
 */
export async function namedFileKeys(
  request: { dataset: string; datasetFile: string; profile: string; file: string },
  env: Env,
): Promise<Keys> {
  const { dataset } = request;
  const profile = request.profile || env["AWS_PROFILE"] || "default";
  const path = expandHome(request.file, env);
  const sections = parseIni(
    await readOutside(path, { dataset, workspace: dirname(dirname(request.datasetFile)) }),
  );
  const section = sections.get(profile) ?? sections.get(`profile ${profile}`);
  if (section === undefined) {
    throw new GradError(
      "credentials_not_found",
      `${cannot(dataset)}: "${path}" has no profile "${profile}"`,
      {
        hint: sections.size === 0
          ? "Add the profile to the file."
          : `Use one of its profiles: ${[...sections.keys()].slice(0, 20).join(", ")}.`,
      },
    );
  }
  const indirect = Object.keys(section).find((key) => INDIRECT_SETTINGS.test(key));
  if (indirect !== undefined) {
    throw new GradError(
      "credentials_failed",
      `Cannot use the profile "${profile}" of "${path}" for dataset "${dataset}": it has ${indirect}, but only keys are read from a file that a workspace names`,
      {
        hint:
          "Move the profile to ~/.aws/config and remove `file:` from the dataset, or write keys into the file.",
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

/**
 * Reads a file that must be outside the workspace, through no link: the user has agreed to the file that it leads to (`Trust.require()`
 * resolves links), and code may write to the folder of a file that seems to be the workspace's own.
 */
async function readOutside(
  path: string,
  { dataset, workspace }: { dataset: string; workspace: string },
): Promise<string> {
  const fail = (code: "credentials_not_found" | "credentials_failed", why: string, hint: string) =>
    new GradError(code, `${cannot(dataset)}: "${path}" ${why}`, { hint });
  let fd: number | undefined;
  try {
    const dir = await Deno.realPath(workspace).catch(() => workspace);
    // Not waiting for the writer of a pipe.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    // What was opened, whatever has its name by now.
    const real = Deno.build.os === "linux" ? readlinkSync(`/proc/self/fd/${fd}`) : realpathSync(path);
    if (real.startsWith(dir + sep)) {
      throw fail(
        "credentials_failed",
        "is in the workspace, which must not contain keys",
        "Move it to a folder outside the workspace.",
      );
    }
    if (real !== path) {
      throw fail(
        "credentials_failed",
        `is a link, or reached by one, which leads to "${real}"`,
        "Name the file itself under `credentials:` in the dataset file.",
      );
    }
    const info = fstatSync(fd);
    if (!info.isFile() || info.size > MAX_BYTES) {
      throw fail(
        "credentials_failed",
        "is not a credentials file",
        "Use a file in the format of ~/.aws/credentials.",
      );
    }
    return readFileSync(fd, "utf-8");
  } catch (error) {
    if (error instanceof GradError) throw error;
    throw ["ENOENT", "ENOTDIR"].includes((error as { code?: string }).code ?? "")
      ? fail(
        "credentials_not_found",
        "does not exist",
        "Correct `file:` under `credentials:` in the dataset file.",
      )
      : fail("credentials_failed", "is not readable", "Make it readable for your user.");
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function cannot(dataset: string): string {
  return `Cannot find the keys of dataset "${dataset}"`;
}
