import { entry } from "./error_entry.ts";

/** A dataset that cannot be attached: part of the catalogue in error_codes.ts. */
export const DATASET_ERROR_CODES = {
  dataset_unreachable: entry(
    "FAILED_PRECONDITION",
    3,
    "The dataset's S3 endpoint does not answer.",
    "Check endpoint and network; `gractl dataset check` tries again.",
  ),
  dataset_credentials_invalid: entry(
    "FAILED_PRECONDITION",
    3,
    "S3 refused the dataset's keys.",
    "Check the keys that the dataset names.",
  ),
  dataset_credentials_expired: entry(
    "FAILED_PRECONDITION",
    3,
    "The dataset's keys have expired.",
    "Log in again; fresh keys are sent with the next call.",
  ),
  dataset_access_denied: entry(
    "FAILED_PRECONDITION",
    3,
    "The keys are valid, but do not permit listing or reading the bucket or prefix, or writing where access is read-write.",
    "Request the permissions s3:ListBucket and s3:GetObject; for read-write also s3:PutObject and s3:DeleteObject.",
  ),
  dataset_bucket_not_found: entry(
    "FAILED_PRECONDITION",
    3,
    "The bucket does not exist at that endpoint.",
    "Check bucket, endpoint and region.",
  ),
  dataset_prefix_not_found: entry(
    "FAILED_PRECONDITION",
    3,
    "There are no objects below the prefix.",
    "Check the prefix.",
  ),
  dataset_invalid: entry(
    "INVALID_ARGUMENT",
    2,
    "The dataset's endpoint, bucket, prefix, region or path is not of the allowed form.",
    "Correct the field of the dataset's file that the message names.",
  ),
  dataset_mount_failed: entry(
    "FAILED_PRECONDITION",
    3,
    "The objects can be listed, but s3fs could not mount them.",
    "`gractl doctor` checks s3fs and FUSE; `gractl dataset check` tries again.",
  ),
  datasets_changed: entry(
    "FAILED_PRECONDITION",
    3,
    "Other calls repeatedly attached other datasets to the runner before this code could start.",
    "Run it again, or use another runner: all sessions of a runner see the same datasets.",
  ),
  dataset_endpoint_refused: entry(
    "INVALID_ARGUMENT",
    2,
    "The dataset's endpoint leads to this machine, to a cloud's metadata service or to no single server, it answers with a redirect, or the operator of grad does not allow it.",
    "Name the endpoint that the bucket is at; a server on this machine is allowed as `localhost`, `127.0.0.1` or `[::1]`.",
  ),
  dataset_folder_refused: entry(
    "INVALID_ARGUMENT",
    2,
    "The dataset's folder is one of the system's, holds what grad and gractl keep for themselves, or contains the home folder.",
    "Name the folder that has the data, or copy the data into one.",
  ),
  dataset_type_unsupported: entry(
    "FAILED_PRECONDITION",
    2,
    "The backend of grad does not support that type of data source.",
    "Use a data source in S3: `directory` works with the local backend only.",
  ),
} as const;
