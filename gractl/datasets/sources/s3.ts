import { resolve } from "node:path";
import type { CredentialsRef } from "./credentials_ref.ts";
import type { Fields, SourceType } from "./source_type.ts";

/** A bucket, or the keys below a prefix in it. */
export type S3DatasetSource = Readonly<{
  type: "s3";
  /** `http(s)://host[:port]`; empty means AWS. */
  endpoint: string;
  /** Empty means us-east-1. */
  region: string;
  bucket: string;
  /** Without slashes at the start and end; empty means the whole bucket. */
  prefix: string;
  pathStyle: boolean;
  credentials: CredentialsRef;
}>;

export const s3: SourceType<S3DatasetSource> = {
  type: "s3",
  summary: "a bucket, or a prefix in it, on Amazon S3 or another server with the S3 API",
  options: [
    { flags: "--bucket <name>", description: "name of the bucket", path: ["s3", "bucket"] },
    {
      flags: "--prefix <prefix>",
      description: "include only keys below this prefix",
      path: ["s3", "prefix"],
    },
    {
      flags: "--endpoint <url>",
      description: "URL of the server, http(s)://host[:port] (default: AWS)",
      path: ["s3", "endpoint"],
    },
    { flags: "--region <region>", description: "region (default: us-east-1)", path: ["s3", "region"] },
    {
      flags: "--path-style",
      description: "name the bucket only in the URL path (default: found by trying)",
      path: ["s3", "pathStyle"],
    },
    {
      flags: "--credentials <source>",
      description: "source of the keys: environment, profile or anonymous (default: environment)",
      path: ["credentials", "source"],
    },
    {
      flags: "--profile <name>",
      description: "AWS profile with the keys (implies --credentials profile)",
      path: ["credentials", "profile"],
    },
    {
      flags: "--credentials-file <path>",
      description: "shared credentials file with the profile, outside the workspace",
      path: ["credentials", "file"],
    },
  ],
  fromLocation(location) {
    const [, bucket, prefix] = /^s3:\/\/([^/]*)\/?(.*)$/s.exec(location) ?? [];
    if (bucket === undefined) return undefined;
    return { s3: { bucket, ...(prefix ? { prefix } : {}) } };
  },
  complete({ credentials: given, ...fields }, { cwd }) {
    const { file, ...credentials } = { ...given as Fields | undefined };
    // A profile or a credentials file implies `source: profile`. The source is always written, also where it is the default.
    const source = "profile" in credentials || file !== undefined ? "profile" : "environment";
    const path = typeof file === "string" ? { file: absolute(file, cwd) } : {};
    return { ...fields, credentials: { source, ...credentials, ...path } };
  },
  location: ({ bucket, prefix }) => `s3://${bucket}${prefix && `/${prefix}`}`,
  details: (source) => [
    ["Bucket", source.bucket],
    ["Prefix", source.prefix || "(whole bucket)"],
    ["Endpoint", source.endpoint || "AWS"],
    ["Region", source.region || "us-east-1"],
    ["Path style", source.pathStyle ? "yes" : "found by trying"],
    ["Credentials", describeCredentials(source.credentials)],
  ],
  credentials: (source) => source.credentials,
  toMessage({ credentials: _, ...source }, keys) {
    return { ...source, credentials: keys, credentialsUnavailable: false };
  },
  schema: () => import("./s3_schema.ts").then((module) => module.s3Schema),
};

/** `~/` is not expanded: the dataset file may be used on another machine. */
function absolute(path: string, cwd: string): string {
  return path.startsWith("~/") ? path : resolve(cwd, path);
}

function describeCredentials(ref: CredentialsRef): string {
  if (ref.source !== "profile") return ref.source;
  return `profile${ref.profile && ` ${ref.profile}`}${ref.file && ` of ${ref.file}`}`;
}
