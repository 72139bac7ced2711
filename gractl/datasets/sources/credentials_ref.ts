/**
 * Where a dataset's keys come from, as its file states it. The keys themselves are never in the workspace, which is shared, cloned
 * and committed.
 */
export type CredentialsRef =
  | Readonly<{ source: "environment" }>
  | Readonly<{
    source: "profile";
    /** Empty means AWS_PROFILE, or `default` where that is not set. */
    profile: string;
    /** A shared credentials file outside the workspace, absolute or starting with `~/`; empty means the user's AWS files. */
    file: string;
  }>
  | Readonly<{ source: "anonymous" }>;
