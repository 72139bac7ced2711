import { GradError } from "../../../shared/errors.ts";

/** Keys that sign requests to S3. They are never printed, logged or written to a file, and sent to grad only. */
export type Keys = Readonly<{
  accessKeyId: string;
  secretAccessKey: string;
  /** Empty for long-lived keys. */
  sessionToken: string;
  /** Seconds since the Unix epoch; 0 means no known expiry. */
  expiresAtSeconds: number;
}>;

/**
 * Returns the keys unchanged if they are printable ASCII without spaces. Anything else is a copying mistake, and a line break would
 * break the format of files and headers that contain the keys.
 *
 * @param from the names of the three parts in their source, for the message
 * @throws {GradError} `credentials_failed`; its message never contains a value
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
    } contains a space, a line break or a non-ASCII character`,
    { hint: "Copy it again; keys contain only letters, digits and punctuation." },
  );
}
