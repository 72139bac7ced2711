/**
 * Every failure that gractl, grad or a runner reports, in one catalogue: programs branch on the code, `docs/errors.md` is generated from
 * it, `status` is the status of gRPC and `exit` the exit code of gractl. The runner's Python raises the same codes.
 */

import { DATASET_ERROR_CODES } from "./dataset_error_codes.ts";
import { entry, type ErrorEntry, type ExitCode, type StatusName } from "./error_entry.ts";
import { MAX_CODE_BYTES, NAME } from "./limits.ts";

export type { ErrorEntry, ExitCode, StatusName };

export const ERROR_CODES = {
  // Failures of the user's code: these are in an execution's `error.code`.
  code_raised: entry(
    "UNKNOWN",
    1,
    "The code raised an exception or has a syntax error.",
    "Read the traceback, correct the code, and run it again.",
  ),
  interrupted: entry(
    "CANCELLED",
    130,
    "The execution was interrupted, by Ctrl-C, `gractl execution interrupt` or a session's reset.",
    "Files are kept; the session has its variables, unless the message says that they are gone.",
  ),
  deadline_exceeded: entry(
    "DEADLINE_EXCEEDED",
    4,
    "The code ran longer than its deadline.",
    "Set a longer deadline with `--timeout`, or process less data. The session has its variables, unless the message says that they are gone.",
  ),
  out_of_memory: entry(
    "RESOURCE_EXHAUSTED",
    5,
    "The kernel was killed because the runner reached its memory limit.",
    "Read fewer columns or rows, aggregate in DuckDB, or make a runner with more `--memory`. The session's variables are gone.",
  ),
  kernel_crashed: entry(
    "UNKNOWN",
    5,
    "The kernel process crashed or exited during the execution.",
    "Read the last output for the cause. The next execution starts a new kernel, without variables.",
  ),
  execution_lost: entry(
    "DATA_LOSS",
    5,
    "The runner or its agent ended during the execution, so how much of the code ran is unknown.",
    "Look at the files in `outputs/`, then run it again if that is safe.",
  ),

  // The request is wrong.
  usage: entry(
    "INVALID_ARGUMENT",
    2,
    "The command line has a command, option or argument that gractl does not have.",
    "Add `--help` to the command: it shows what the command takes.",
  ),
  invalid_argument: entry(
    "INVALID_ARGUMENT",
    2,
    "A value is not allowed.",
    "Correct the value that the message names.",
  ),
  invalid_name: entry(
    "INVALID_ARGUMENT",
    2,
    `The name of a runner, session or dataset is not of the form \`${NAME.source.slice(1, -1)}\`.`,
    "Use a letter, then up to 39 of a-z, 0-9 and -, without - at the end.",
  ),
  invalid_file: entry(
    "INVALID_ARGUMENT",
    2,
    "A file of the workspace (config.yaml, datasets/*.yaml) or a parameter file is malformed.",
    "Correct each place of the file that the message names.",
  ),
  invalid_code: entry(
    "INVALID_ARGUMENT",
    2,
    `The code is empty, longer than ${MAX_CODE_BYTES / 2 ** 20} MiB, not UTF-8 or has a NUL byte.`,
    "Send text; put large data in a file with `gractl file put`.",
  ),
  path_not_allowed: entry(
    "INVALID_ARGUMENT",
    2,
    "A path leads out of /workspace, contains `..`, follows a symbolic link, or is not that of a file that can be written.",
    "Name a path below /workspace, such as outputs/table.csv.",
  ),
  workspace_not_found: entry(
    "NOT_FOUND",
    2,
    "There is no workspace in this folder or above it.",
    "Run `gractl workspace init`.",
  ),
  workspace_not_owned: entry(
    "PERMISSION_DENIED",
    2,
    "The workspace, or a file of it, belongs to another user, who could change what it does with your keys and folders.",
    "Use a workspace of your own, such as a copy.",
  ),
  workspace_untrusted: entry(
    "FAILED_PRECONDITION",
    2,
    "You did not make this workspace here with gractl, or it asks for more than you have trusted it with: a folder, an S3 location with keys, a context.",
    "Read what it asks for, then run `gractl workspace trust`; `gractl workspace status` shows it, too.",
  ),
  trust_file_invalid: entry(
    "FAILED_PRECONDITION",
    2,
    "The file with what you have decided about a workspace is damaged, so that the workspace counts as untrusted.",
    "Remove the file that the message names, and run `gractl workspace trust`.",
  ),
  workspace_exists: entry(
    "ALREADY_EXISTS",
    2,
    "There already is a workspace in this folder.",
    "Use it, or name another folder.",
  ),
  context_not_found: entry(
    "NOT_FOUND",
    2,
    "You have no context of that name; contexts are files of your own configuration, never of a workspace.",
    "See `gractl context list`, or use `--context local`.",
  ),
  login_failed: entry(
    "FAILED_PRECONDITION",
    3,
    "gractl could not get, read or keep a token for a grad of the network.",
    "Run `gractl login` again when the cause in the message is gone.",
  ),
  certificate_invalid: entry(
    "FAILED_PRECONDITION",
    3,
    "The certificate of a grad of the network is not valid for its context: of another CA, for another name, or expired.",
    "Compare the context's address and certificates with those that grad's operator gives you; `gractl doctor` checks them.",
  ),
  dataset_not_found: entry(
    "NOT_FOUND",
    2,
    "The workspace has no dataset of that name.",
    "See `gractl dataset list`.",
  ),
  dataset_exists: entry(
    "ALREADY_EXISTS",
    2,
    "The workspace already has a dataset of that name.",
    "Choose another name or remove it first.",
  ),
  runner_not_found: entry(
    "NOT_FOUND",
    2,
    "There is no runner of that name in this workspace.",
    "See `gractl runner list`; `gractl execute-code` creates one.",
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
    "There is no such execution, its runner was destroyed, or the runner has deleted it as too old.",
    "See `gractl execution list`.",
  ),
  kernel_not_found: entry(
    "NOT_FOUND",
    2,
    "The runner has no Jupyter kernelspec of that name.",
    "Use python3, or another kernel that the runner has.",
  ),
  kernel_conflict: entry(
    "FAILED_PRECONDITION",
    2,
    "The session runs another kernel than the requested one.",
    "Use another session, or reset this one with `gractl session reset --kernel`.",
  ),
  environment_not_found: entry(
    "NOT_FOUND",
    2,
    "grad has no environment of that name.",
    "Leave it out for grad's default, or ask grad's operator for the names.",
  ),
  file_not_found: entry("NOT_FOUND", 2, "There is no file at that path.", "See `gractl file list`."),
  file_changed: entry("FAILED_PRECONDITION", 2, "The file changed while it was read.", "Get it again."),
  session_busy: entry(
    "FAILED_PRECONDITION",
    3,
    "Code runs or waits in the session.",
    "Wait, interrupt it, or add `--force`.",
  ),
  file_exists: entry(
    "ALREADY_EXISTS",
    2,
    "A file of that name is on this machine already.",
    "Choose another name, or replace it with `--force`.",
  ),
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
    "Start the upload again: it continues where it ended.",
  ),
  checksum_mismatch: entry(
    "DATA_LOSS",
    2,
    "The uploaded bytes do not have the announced checksum or size.",
    "Put the file again; the old file was not replaced.",
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
    "The AWS profile, SSO session or credential_process returned no keys.",
    "Log in again (`aws sso login`) or run the process by hand.",
  ),

  // Something cannot be reached or created.
  grad_unavailable: entry(
    "UNAVAILABLE",
    3,
    "grad does not answer at its address, or could not be started.",
    "Run `gractl grad status` and `gractl doctor`.",
  ),
  grad_busy: entry(
    "RESOURCE_EXHAUSTED",
    3,
    "grad is serving as many calls as it may.",
    "Try again in a moment.",
  ),
  version_mismatch: entry(
    "FAILED_PRECONDITION",
    3,
    "The versions of gractl and grad, or of grad and a runner, are not compatible.",
    "Install the same version of both; `gractl grad stop` ends an old local grad.",
  ),
  unauthenticated: entry(
    "UNAUTHENTICATED",
    3,
    "The call carries no valid identity.",
    "Log in again with `gractl login`.",
  ),
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
    "Try again; `gractl runner get` shows its phase, and `gractl runner destroy` removes it in any phase.",
  ),
  runner_failed: entry(
    "UNAVAILABLE",
    3,
    "The runner could not be started.",
    "`gractl doctor` checks what runners need.",
  ),
  runner_busy: entry(
    "FAILED_PRECONDITION",
    3,
    "Code is running in the runner.",
    "Wait, interrupt it, or add `--force`.",
  ),
  variables_at_risk: entry(
    "FAILED_PRECONDITION",
    3,
    "Sessions of the runner have variables, which are lost when it is paused.",
    "Save what you need in files below /workspace, which are kept, then add `--force`.",
  ),
  sandbox_unavailable: entry(
    "UNAVAILABLE",
    3,
    "bubblewrap cannot start a sandbox on this machine.",
    "`gractl doctor` says what is missing; `gractl grad start --unsafe-no-sandbox` runs code without a sandbox.",
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
    "Delete files, for example by code with os.remove, or make a runner with more `--storage`.",
  ),
  ...DATASET_ERROR_CODES,

  // The outcome is unknown, or the call was cancelled.
  outcome_unknown: entry(
    "UNAVAILABLE",
    6,
    "grad may have received the call, but did not answer.",
    "See `gractl execution list`, or repeat the command with the same `--idempotency-key`: its code never runs twice.",
  ),
  cancelled: entry("CANCELLED", 130, "The command was cancelled.", "Run it again."),
  internal: entry(
    "INTERNAL",
    3,
    "A bug in gractl, grad or the runner, or an unexpected state of the machine.",
    "Report it, with the line of grad's log that has the id of the message.",
  ),
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERROR_CODES;

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERROR_CODES, text);
}
