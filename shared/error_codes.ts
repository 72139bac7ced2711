/**
 * Every failure that this product tells, in one catalogue: programs branch on the code, `docs/errors.md` is printed from it, grad
 * maps `status` to gRPC and gractl maps `exit` to its exit code. The runner's Python raises the same codes.
 */

/** Names of gRPC status codes that are used. */
export type StatusName =
  | "INVALID_ARGUMENT"
  | "NOT_FOUND"
  | "ALREADY_EXISTS"
  | "PERMISSION_DENIED"
  | "UNAUTHENTICATED"
  | "FAILED_PRECONDITION"
  | "RESOURCE_EXHAUSTED"
  | "UNAVAILABLE"
  | "DEADLINE_EXCEEDED"
  | "CANCELLED"
  | "DATA_LOSS"
  | "INTERNAL"
  | "UNKNOWN";

/** Exit codes of gractl: 0 succeeded; 1 the code raised; 2 usage or invalid file; 3 grad or a runner unavailable; 4 deadline;
 * 5 out of memory, crashed or lost; 6 may have started but unknown; 130 interrupted. */
export type ExitCode = 1 | 2 | 3 | 4 | 5 | 6 | 130;

export type ErrorEntry = Readonly<{ status: StatusName; exit: ExitCode; cause: string; remedy: string }>;

function entry(status: StatusName, exit: ExitCode, cause: string, remedy: string): ErrorEntry {
  return { status, exit, cause, remedy };
}

export const ERROR_CODES = {
  // What the code itself met; these stand in an execution's `error.code`.
  code_raised: entry(
    "UNKNOWN",
    1,
    "The code raised an exception or has a syntax error.",
    "Read the traceback, mend the code, run it again.",
  ),
  interrupted: entry(
    "CANCELLED",
    130,
    "The execution was interrupted, by Ctrl-C, `gractl execution interrupt` or a session's reset.",
    "Run it again if you need its answer; the session keeps its variables.",
  ),
  deadline_exceeded: entry(
    "DEADLINE_EXCEEDED",
    4,
    "The code ran longer than its deadline.",
    "Give more time with `--timeout`, or make the code do less.",
  ),
  out_of_memory: entry(
    "RESOURCE_EXHAUSTED",
    5,
    "The kernel was ended because the runner's memory limit was reached.",
    "Read fewer columns or rows, aggregate in DuckDB, or make a runner with more `--memory`. The session's variables are gone.",
  ),
  kernel_crashed: entry(
    "UNKNOWN",
    5,
    "The kernel process ended by itself in the middle of the execution.",
    "Look at the last output; the session begins afresh with the next execution.",
  ),
  execution_lost: entry(
    "DATA_LOSS",
    5,
    "The runner or its agent ended during the execution, and nobody knows how far it came.",
    "Look at `outputs/`, then run it again if that is safe.",
  ),

  // What was asked is wrong.
  usage: entry(
    "INVALID_ARGUMENT",
    2,
    "The command line is not one that gractl knows.",
    "Read `gractl <command> --help`.",
  ),
  invalid_argument: entry(
    "INVALID_ARGUMENT",
    2,
    "A value is outside of what is allowed.",
    "The message names the value and the rule.",
  ),
  invalid_name: entry(
    "INVALID_ARGUMENT",
    2,
    "The name of a runner, session or dataset is not of the form `[a-z]([-a-z0-9]{0,38}[a-z0-9])?`.",
    "Use the name that the hint suggests.",
  ),
  invalid_file: entry(
    "INVALID_ARGUMENT",
    2,
    "A file of the workspace (config.yaml, datasets/*.yaml) or a parameter file is malformed.",
    "The message lists each fault as file:line:column.",
  ),
  invalid_code: entry(
    "INVALID_ARGUMENT",
    2,
    "The code is empty, longer than 4 MiB, not UTF-8 or has a NUL byte.",
    "Send text; put large data in a file with `gractl file put`.",
  ),
  path_not_allowed: entry(
    "INVALID_ARGUMENT",
    2,
    "A path is absolute, has `..`, leads through a link out of the workspace, or is not below code/, outputs/ or data/.",
    "Name a path below code/ or outputs/.",
  ),
  workspace_not_found: entry(
    "NOT_FOUND",
    2,
    "There is no workspace in this folder or above it.",
    "Run `gractl workspace init`.",
  ),
  workspace_exists: entry(
    "ALREADY_EXISTS",
    2,
    "There is a workspace already.",
    "Use it, or name another folder.",
  ),
  dataset_not_found: entry(
    "NOT_FOUND",
    2,
    "No dataset of that name is described in the workspace.",
    "See `gractl dataset list`.",
  ),
  dataset_exists: entry(
    "ALREADY_EXISTS",
    2,
    "A dataset of that name is described already.",
    "Choose another name or remove it first.",
  ),
  runner_not_found: entry(
    "NOT_FOUND",
    2,
    "There is no runner of that name in this workspace.",
    "See `gractl runner list`; `gractl execute-code` makes one by itself.",
  ),
  runner_exists: entry(
    "ALREADY_EXISTS",
    2,
    "A runner of that name exists with another specification.",
    "Destroy it first, or choose another name.",
  ),
  session_not_found: entry(
    "NOT_FOUND",
    2,
    "The runner has no session of that name.",
    "See `gractl session list`.",
  ),
  execution_not_found: entry(
    "NOT_FOUND",
    2,
    "There is no such execution, or its runner is gone or has cleaned it up.",
    "See `gractl execution list`.",
  ),
  kernel_not_found: entry(
    "NOT_FOUND",
    2,
    "The runner has no Jupyter kernelspec of that name.",
    "The hint lists those it has.",
  ),
  kernel_conflict: entry(
    "FAILED_PRECONDITION",
    2,
    "The session runs another kernel than the one asked for.",
    "Use another session, or `gractl session reset` with that kernel.",
  ),
  environment_not_found: entry(
    "NOT_FOUND",
    2,
    "grad has no environment of that name.",
    "The hint lists those it has.",
  ),
  file_not_found: entry("NOT_FOUND", 2, "There is no file at that path.", "See `gractl file list`."),
  file_changed: entry("FAILED_PRECONDITION", 2, "The file was changed while it was read.", "Get it again."),
  idempotency_conflict: entry(
    "ALREADY_EXISTS",
    2,
    "The idempotency key was used before with other code, parameters or session.",
    "Use a new key.",
  ),
  upload_offset: entry(
    "FAILED_PRECONDITION",
    2,
    "A part of an upload does not begin where the upload ends.",
    "Begin the upload again: it goes on from where it is.",
  ),
  checksum_mismatch: entry(
    "DATA_LOSS",
    2,
    "What arrived is not what was promised.",
    "Put the file again; nothing was replaced.",
  ),
  credentials_not_found: entry(
    "FAILED_PRECONDITION",
    2,
    "The credentials that a dataset names are not on this machine.",
    "Set the variables or the profile that the message names.",
  ),
  credentials_failed: entry(
    "FAILED_PRECONDITION",
    2,
    "The AWS profile, SSO session or credential_process did not give keys.",
    "Log in again (`aws sso login`) or run the process by hand.",
  ),

  // What is asked for cannot be reached or made.
  grad_unavailable: entry(
    "UNAVAILABLE",
    3,
    "grad does not answer at its address, or could not be started.",
    "Run `gractl grad status` and `gractl doctor`.",
  ),
  grad_busy: entry("RESOURCE_EXHAUSTED", 3, "grad serves as many calls as it can.", "Try again in a moment."),
  version_mismatch: entry(
    "FAILED_PRECONDITION",
    3,
    "gractl and grad, or grad and a runner, are of versions that do not fit.",
    "Install the same version; `gractl grad stop` ends an old local grad.",
  ),
  unauthenticated: entry("UNAUTHENTICATED", 3, "The call carries no valid identity.", "Log in again."),
  permission_denied: entry(
    "PERMISSION_DENIED",
    3,
    "The caller may not do this, or the runner belongs to another owner.",
    "Ask its owner.",
  ),
  runner_unavailable: entry(
    "UNAVAILABLE",
    3,
    "The runner's components do not answer.",
    "Try again; `gractl runner get` shows its phase, and `gractl runner destroy` ends it in any phase.",
  ),
  runner_failed: entry(
    "UNAVAILABLE",
    3,
    "The runner could not be made.",
    "The message says which step failed; `gractl doctor` looks for the cause.",
  ),
  runner_busy: entry(
    "FAILED_PRECONDITION",
    3,
    "Code is running in the runner.",
    "Wait, interrupt it, or add `--force`.",
  ),
  sandbox_unavailable: entry(
    "UNAVAILABLE",
    3,
    "bubblewrap cannot start a sandbox on this machine.",
    "The message says what the machine refuses; `--unsafe-no-sandbox` runs the code without one.",
  ),
  queue_full: entry(
    "RESOURCE_EXHAUSTED",
    3,
    "As many executions wait in the session's queue as are allowed.",
    "Wait until some have finished, or use another session with `--session`.",
  ),
  quota_exhausted: entry(
    "RESOURCE_EXHAUSTED",
    3,
    "As many runners exist as grad allows, or as many sessions in a runner.",
    "Destroy a runner that you do not need, or use a session that exists.",
  ),
  storage_full: entry(
    "RESOURCE_EXHAUSTED",
    3,
    "The runner's storage is full.",
    "Delete files below code/ or outputs/.",
  ),
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
    "The keys are valid but may not list or read the bucket or prefix, or not write where access is read-write.",
    "Ask for s3:ListBucket and s3:GetObject on it, for read-write also s3:PutObject and s3:DeleteObject.",
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
    "Nothing lies under the prefix.",
    "Check the prefix; the hint names what is near.",
  ),
  dataset_invalid: entry(
    "INVALID_ARGUMENT",
    2,
    "The dataset's endpoint, bucket, prefix, region or path is not of the allowed form.",
    "The message names the field and the rule.",
  ),
  dataset_mount_failed: entry(
    "FAILED_PRECONDITION",
    3,
    "The dataset lists, but s3fs could not mount it.",
    "Run `gractl doctor`; the message has s3fs' own words.",
  ),
  datasets_changed: entry(
    "FAILED_PRECONDITION",
    3,
    "Another call kept on attaching other datasets to the runner before this code could start.",
    "Run it again, or use another runner: all sessions of a runner see the same datasets.",
  ),
  dataset_type_unsupported: entry(
    "FAILED_PRECONDITION",
    2,
    "grad's backend has no data source of that type.",
    "`directory` works with the local backend only.",
  ),

  // What is not known.
  outcome_unknown: entry(
    "UNAVAILABLE",
    6,
    "The call may have reached grad, and no answer came.",
    "Ask with `gractl execution list`, or repeat the command with the same `--idempotency-key`: it never runs twice.",
  ),
  cancelled: entry("CANCELLED", 130, "The command was cancelled.", "Run it again."),
  internal: entry(
    "INTERNAL",
    3,
    "A bug of ours, or a machine in a state that we did not foresee.",
    "Report it with the log line that has the same id.",
  ),
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERROR_CODES;

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERROR_CODES, text);
}
