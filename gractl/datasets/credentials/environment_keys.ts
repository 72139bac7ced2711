import { GradError } from "../../../shared/errors.ts";
import type { Env } from "./aws_files.ts";
import { checkKeys, type Keys } from "./keys.ts";

const NAMES = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"] as const;

/** Keys from the environment variables; an empty variable counts as not set. @throws {GradError} `credentials_not_found` */
export function environmentKeys(dataset: string, env: Env): Keys {
  const [accessKeyId = "", secretAccessKey = "", sessionToken = ""] = NAMES.map((name) => env[name] ?? "");
  const missing = NAMES.slice(0, 2).filter((name) => !env[name]);
  if (missing.length === 0) {
    return checkKeys({ accessKeyId, secretAccessKey, sessionToken, expiresAtSeconds: 0 }, {
      dataset,
      names: NAMES,
    });
  }
  throw new GradError(
    "credentials_not_found",
    `Cannot find the keys of dataset "${dataset}": ${missing.join(" and ")} ${
      missing.length > 1 ? "are" : "is"
    } not set`,
    { hint: hint(missing, env) },
  );
}

function hint(missing: readonly string[], env: Env): string {
  const profile = env["AWS_PROFILE"]
    ? "`source: profile` (AWS_PROFILE is set)"
    : "`source: profile` or `anonymous`";
  return `Set ${missing.join(" and ")}, or write ${profile} under \`credentials:\` in the dataset file.`;
}
