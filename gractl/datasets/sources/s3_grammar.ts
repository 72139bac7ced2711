/**
 * What S3 allows, field by field: each function says what is wrong and what to do, or nothing. No message quotes its value, which
 * may be a secret that stands in the wrong place. The runner's data component checks again: it trusts no client.
 */

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
export function bucketFault(text: string): string | undefined {
  if (/^(s3|https?):\/\//.test(text)) return "is a URL; write the bucket's name alone";
  if (text.includes("/")) return 'holds a "/"; write what is behind it as `prefix`';
  if (text.length < 3 || text.length > 63) return "is not a bucket's name; use 3 to 63 characters";
  if (/[A-Z_]/.test(text)) return 'is not a bucket\'s name; use small letters and "-", not capitals or "_"';
  if (!/^[a-z0-9][a-z0-9.-]*[a-z0-9]$/.test(text)) {
    return 'is not a bucket\'s name; use a-z, 0-9, "-" and ".", a letter or digit first and last';
  }
  if (text.includes("..")) return 'is not a bucket\'s name; use no two "." in a row';
  if (/^\d+\.\d+\.\d+\.\d+$/.test(text)) return "is an IP address; write the bucket's name";
  return undefined;
}

/** Longest key of S3 in bytes of UTF-8. */
const MAX_KEY_BYTES = 1_024;

export function prefixFault(text: string): string | undefined {
  if (text.startsWith("/")) return 'begins with "/"; remove it, prefixes begin with a name';
  const segments = text.replace(/\/$/, "").split("/");
  if (segments.some((each) => each === "." || each === "..")) {
    return 'has a part "." or ".."; write the prefix as the keys have it';
  }
  if (text !== "" && segments.includes("")) return 'has an empty part ("//"); remove one "/"';
  if (/[\p{Cc}\p{Zl}\p{Zp}\\]/u.test(text)) {
    return "holds a control character or backslash; remove it";
  }
  if (new TextEncoder().encode(text).length > MAX_KEY_BYTES) {
    return "is longer than 1,024 bytes; shorten it";
  }
  return undefined;
}

const HOST = /^([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$/;

export function endpointFault(text: string): string | undefined {
  if (text === "") return undefined;
  const [, scheme, rest] = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/(.*)$/s.exec(text) ?? [];
  if (scheme === undefined || rest === undefined) return "has no scheme; begin it with https:// or http://";
  if (scheme !== "http" && scheme !== "https") {
    return 'has a scheme other than "http" and "https"; use one of them';
  }
  if (rest.includes("@")) return "holds a user or password; remove it, keys are named under `credentials`";
  const [, host, port] = /^([^/?#:[\]]+|\[[0-9A-Fa-f:.]+\])(?::(\d{1,5}))?\/?$/.exec(rest) ?? [];
  if (host === undefined || !(host.startsWith("[") || HOST.test(host))) {
    return "is not http(s)://host[:port]; remove path, query and whatever else it has";
  }
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535)) {
    return "has a port outside of 1 to 65535; correct it";
  }
  return undefined;
}

export function regionFault(text: string): string | undefined {
  return /^([a-z0-9][a-z0-9-]{0,39})?$/.test(text)
    ? undefined
    : 'is not a region; write one like "eu-central-1", or remove the key';
}
