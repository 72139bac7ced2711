/**
 * Where a dataset's keys are to be found, as its file says it. The keys themselves never stand in a workspace: it is shared, cloned
 * and committed.
 */
export type CredentialsRef =
  | Readonly<{ source: "environment" }>
  | Readonly<{
    source: "profile";
    /** Empty means AWS_PROFILE, and without that `default`. */
    profile: string;
    /** A shared-credentials file outside of the workspace, absolute or below `~/`; empty means the usual AWS files. */
    file: string;
  }>
  | Readonly<{ source: "anonymous" }>;
