/**
 * Rules of S3 for each field. Each function returns what is wrong and what to do, or `undefined` for a valid value. No message quotes
 * the value, which may be a secret in the wrong field. The runner's data component checks the same rules again, since it does not
 * trust its callers.
 */

import { MAX_PREFIX_BYTES } from "../../../shared/limits.ts";

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
export function bucketFault(text: string): string | undefined {
  if (/^(s3|https?):\/\//.test(text)) return "is a URL; write only the name of the bucket";
  if (text.includes("/")) return 'contains a "/"; write the part after it as `prefix`';
  if (text.length < 3 || text.length > 63) return "is not a bucket name; use 3 to 63 characters";
  if (/[A-Z_]/.test(text)) {
    return 'is not a bucket name; use lower-case letters and "-", not upper-case letters or "_"';
  }
  if (!/^[a-z0-9][a-z0-9.-]*[a-z0-9]$/.test(text)) {
    return 'is not a bucket name; use a-z, 0-9, "-" and ".", and begin and end with a letter or digit';
  }
  if (text.includes("..")) return 'is not a bucket name; do not use two "." in a row';
  if (/^\d+\.\d+\.\d+\.\d+$/.test(text)) return "is an IP address; write the name of the bucket";
  return undefined;
}

export function prefixFault(text: string): string | undefined {
  if (text.startsWith("/")) return 'starts with "/"; remove it';
  const segments = text.replace(/\/$/, "").split("/");
  if (segments.some((each) => each === "." || each === "..")) {
    return 'contains "." or ".." as a path segment; write the prefix as it is in the keys';
  }
  if (text !== "" && segments.includes("")) return 'contains "//"; remove one "/"';
  if (/[\p{Cc}\p{Zl}\p{Zp}\\]/u.test(text)) {
    return "contains a control character or a backslash; remove it";
  }
  if (new TextEncoder().encode(text).length > MAX_PREFIX_BYTES) {
    return `is longer than ${MAX_PREFIX_BYTES} bytes; shorten it`;
  }
  return undefined;
}

const HOST = /^([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$/;

export function endpointFault(text: string): string | undefined {
  if (text === "") return undefined;
  const [, scheme, rest = ""] = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/(.*)$/s.exec(text) ?? [];
  if (scheme === undefined) return "has no scheme; start it with https:// or http://";
  if (scheme !== "http" && scheme !== "https") {
    return 'has a scheme other than "http" and "https"; use one of these';
  }
  if (rest.includes("@")) {
    return "contains a user name or password; remove it, and describe keys under `credentials`";
  }
  const [, host, port] = /^([^/?#:[\]]+|\[[0-9A-Fa-f:.]+\])(?::(\d*))?\/?$/.exec(rest) ?? [];
  if (host === undefined || !(host.startsWith("[") || HOST.test(host))) {
    return "is not http(s)://host[:port]; remove the path, query and anything else";
  }
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535)) {
    return "has a port that is not between 1 and 65535; correct it";
  }
  return undefined;
}

export function regionFault(text: string): string | undefined {
  return /^([a-z0-9][a-z0-9-]{0,39})?$/.test(text)
    ? undefined
    : 'is not a region; use one such as "eu-central-1", or remove the key';
}
