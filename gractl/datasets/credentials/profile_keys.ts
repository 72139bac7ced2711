import { GradError } from "../../../shared/errors.ts";
import { awsFiles, type Env, readProfiles } from "./aws_files.ts";
import type { Section } from "./ini_file.ts";
import { checkKeys, type Keys } from "./keys.ts";

const NAMES = ["aws_access_key_id", "aws_secret_access_key", "aws_session_token"] as const;

/**
 * Keys of a profile in the user's own AWS files, by every method of the AWS tools: static keys, SSO, credential_process, a role.
 * This is safe in a cloned workspace, which can name a profile but not define one: every command and role comes from the user's files.
 *
 * @throws {GradError} `credentials_not_found`, `credentials_failed`
 */
export async function profileKeys(
  request: { dataset: string; profile: string },
  env: Env,
): Promise<Keys> {
  const { dataset } = request;
  const profile = request.profile || env["AWS_PROFILE"] || "default";
  const files = awsFiles(env);
  const profiles = await readProfiles(files);
  const section = profiles.get(profile);
  if (section === undefined) {
    throw unknownProfile({ dataset, profile }, { known: [...profiles.keys()], files });
  }
  const fixed = staticKeys(section);
  if (fixed !== undefined && section["role_arn"] === undefined) {
    return checkKeys(fixed, { dataset, names: NAMES });
  }
  // Imported only here: the SDK is slow to load, and profiles with static keys do not need it.
  const { sdkKeys } = await import("./sdk_keys.ts");
  return checkKeys(await sdkKeys({ dataset, profile }, { files, profiles, env }), { dataset, names: NAMES });
}

/** The keys that are written in a section; `undefined` where one is missing. */
export function staticKeys(section: Section): Keys | undefined {
  const [accessKeyId, secretAccessKey, sessionToken = ""] = NAMES.map((name) => section[name]);
  return accessKeyId && secretAccessKey
    ? { accessKeyId, secretAccessKey, sessionToken, expiresAtSeconds: 0 }
    : undefined;
}

function unknownProfile(
  { dataset, profile }: { dataset: string; profile: string },
  { known, files }: { known: readonly string[]; files: { config: string; credentials: string } },
): GradError {
  const message = `Cannot find the keys of dataset "${dataset}": there is no AWS profile "${profile}"`;
  const hint = known.length === 0
    ? `Neither "${files.config}" nor "${files.credentials}" has a profile: run \`aws configure\`.`
    : `Correct \`profile:\` in the dataset file, or AWS_PROFILE. Known profiles: ${
      known.slice(0, 20).join(", ")
    }.`;
  return new GradError("credentials_not_found", message, { hint });
}
