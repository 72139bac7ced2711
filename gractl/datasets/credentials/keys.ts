import { GradError } from "../../../shared/errors.ts";

/** What signs a request to S3. Never shown, logged or written; only the call to grad carries it. */
export type Keys = Readonly<{
  accessKeyId: string;
  secretAccessKey: string;
  /** Empty for long-lived keys. */
  sessionToken: string;
  /** Seconds from the epoch; 0 means not known to expire. */
  expiresAtSeconds: number;
}>;

/**
 * The keys, if they can be ones: a line break or space in a key is an error of copying, and would end up in other tools' files.
 * `names` are what the parts are called where they come from.
 *
 * @throws {GradError} `credentials_failed`, never quoting a value
 */
export function checkKeys(
  keys: Keys,
  from: { dataset: string; names: readonly [string, string, string] },
): Keys {
  const values = [keys.accessKeyId, keys.secretAccessKey, keys.sessionToken];
  const bad = from.names.filter((_, at) => !/^[\x21-\x7e]*$/.test(values[at] ?? ""));
  if (bad.length === 0) return keys;
  throw new GradError(
    "credentials_failed",
    `Cannot use the keys of dataset "${from.dataset}": ${
      bad.join(" and ")
    } has a space, line break or foreign character`,
    { hint: "Copy it again; keys have letters, digits and signs only." },
  );
}
