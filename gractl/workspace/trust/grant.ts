import type { CredentialsRef } from "../../datasets/sources/credentials_ref.ts";
import type { Access } from "../dataset_file.ts";

/**
 * Something of the user that a workspace may use. Names of datasets and their descriptions are no part of it: they give access to
 * nothing. An endpoint and the keys that it receives are one grant, so that two trusted ones cannot be combined.
 */
export type Grant =
  | Readonly<{
    kind: "grad";
    /** "local", or the name of a context. */
    context: string;
  }>
  | Readonly<{
    kind: "directory";
    /** Absolute, links resolved. */
    path: string;
    access: Access;
  }>
  | Readonly<{
    kind: "s3";
    /** Empty means AWS. */
    endpoint: string;
    bucket: string;
    /** Empty means the whole bucket. */
    prefix: string;
    access: Access;
    credentials: CredentialsRef;
  }>;

/** Whether all that `wanted` gives is given by `granted`, too: a part of what is trusted needs no new decision. */
export function covers(granted: Grant, wanted: Grant): boolean {
  switch (wanted.kind) {
    case "grad":
      return granted.kind === "grad" && granted.context === wanted.context;
    case "directory":
      return granted.kind === "directory" && allows(granted.access, wanted.access) &&
        isWithin(wanted.path, granted.path);
    case "s3":
      return granted.kind === "s3" && allows(granted.access, wanted.access) &&
        granted.endpoint === wanted.endpoint && granted.bucket === wanted.bucket &&
        sameCredentials(granted.credentials, wanted.credentials) &&
        (granted.prefix === "" || isWithin(wanted.prefix, granted.prefix));
  }
}

/** Those of `wanted` that no grant of `granted` covers, without repetitions. */
export function missingOf(granted: readonly Grant[], wanted: readonly Grant[]): readonly Grant[] {
  const missing: Grant[] = [];
  for (const each of wanted) {
    if (![...granted, ...missing].some((known) => covers(known, each))) missing.push(each);
  }
  return missing;
}

function allows(granted: Access, wanted: Access): boolean {
  return granted === wanted || granted === "read-write";
}

/** Whether a path or a prefix is `outer` or below it. */
function isWithin(inner: string, outer: string): boolean {
  return inner === outer || inner.startsWith(outer.endsWith("/") ? outer : `${outer}/`);
}

function sameCredentials(a: CredentialsRef, b: CredentialsRef): boolean {
  if (a.source !== "profile" || b.source !== "profile") return a.source === b.source;
  return a.profile === b.profile && a.file === b.file;
}

/** One line for people: what it is, with values as they are in the files. */
export function describeGrant(grant: Grant): string {
  switch (grant.kind) {
    case "grad":
      return grant.context === "local"
        ? "grad: code runs in the grad of this machine"
        : `grad: your context ${JSON.stringify(grant.context)} receives code and the keys of datasets`;
    case "directory":
      return `folder: ${JSON.stringify(grant.path)}, ${grant.access}`;
    case "s3": {
      const { endpoint, bucket, prefix, access, credentials } = grant;
      const location = JSON.stringify(`s3://${bucket}${prefix && `/${prefix}`}`);
      return `S3: ${location} at ${endpoint || "AWS"}, ${access}, with ${describeKeys(credentials)}`;
    }
  }
}

function describeKeys(ref: CredentialsRef): string {
  switch (ref.source) {
    case "anonymous":
      return "no keys";
    case "environment":
      return "the keys in your environment (AWS_ACCESS_KEY_ID)";
    case "profile": {
      const profile = ref.profile === ""
        ? "your AWS profile (AWS_PROFILE, else default)"
        : `your AWS profile ${JSON.stringify(ref.profile)}`;
      return `the keys of ${profile}${ref.file && ` in ${JSON.stringify(ref.file)}`}`;
    }
  }
}
