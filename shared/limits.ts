/**
 * Bounds that more than one program keeps: gractl refuses early, grad refuses for every client, a runner's components trust nobody.
 * `tools/generate.ts` writes the Python side, runner/grad_runner/gen/shared/limits.py. Only literals and products of them; each
 * constant has a comment, which is copied. A pattern is anchored at both ends.
 */

const KIB = 1_024;
const MIB = 1_024 * KIB;

/** Names of runners, sessions and datasets. */
export const NAME = /^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/;
/** Names of Jupyter kernelspecs. */
export const KERNEL_NAME = /^[A-Za-z0-9._-]{1,100}$/;
/** Names of parameters, which become variables. */
export const PARAM_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,99}$/;
/** Keys that clients make, so that a repeated call runs its code once. */
export const IDEMPOTENCY_KEY = /^[A-Za-z0-9_-]{16,64}$/;

/** Longest name for code in tracebacks, in characters: the path of its file. */
export const MAX_CODE_NAME_CHARS = 1_000;
/** Widest terminal that code is told of, in columns. */
export const MAX_COLUMNS = 1_000;

/** Longest path of a unix socket, in bytes: sun_path has 108 with the final NUL. */
export const MAX_SOCKET_PATH_BYTES = 107;

/** Code of one execution, in bytes of UTF-8. */
export const MAX_CODE_BYTES = 4 * MIB;
/** All parameters of one execution as JSON, in bytes of UTF-8. */
export const MAX_PARAMS_BYTES = 1 * MIB;

/** Names and values of the environment variables of one execution, in bytes of UTF-8. */
export const MAX_VARIABLES_BYTES = 256 * KIB;
/** Working directory of an execution, in bytes of UTF-8. */
export const MAX_DIRECTORY_BYTES = 4_000;

/** How long a call may wait for events or for an agent that starts. */
export const MAX_WAIT_MS = 30_000;
/** Events of one answer, in bytes, when the caller names no bound. */
export const DEFAULT_BATCH_BYTES = 1 * MIB;
/** Events of one answer, in bytes; one event may be larger and then comes alone. */
export const MAX_BATCH_BYTES = 4 * MIB;
/** Executions of one list, when the caller names no bound. */
export const DEFAULT_LISTED_EXECUTIONS = 50;
/** Executions of one list. */
export const MAX_LISTED_EXECUTIONS = 1_000;

/** Bytes of a file in one answer, when the caller names no bound. */
export const DEFAULT_FILE_PART_BYTES = 1 * MIB;
/** Bytes of a file in one answer or in one part of an upload. */
export const MAX_FILE_PART_BYTES = 4 * MIB;
/** Of stdout and of stderr, each, in a document of gractl; where there is more, the runner keeps all of the stream in a file as well. */
export const SHOWN_STREAM_BYTES = 256 * KIB;

/** Longest prefix of a dataset in S3, in bytes of UTF-8: a key has at most 1,024, and some must be left for the part below it. */
export const MAX_PREFIX_BYTES = 900;
/** Files that a check of a dataset lists, when the caller names no bound. */
export const DEFAULT_CHECKED_FILES = 100_000;

/**
 * Longest sentence and hint of an error on the wire, in bytes of UTF-8. All headers together must stay below 8 KiB, C++ gRPC's default:
 * the sentence is in `grpc-message`, too, where a byte that is not ASCII becomes three, and the trailer is sent in base64.
 */
export const MAX_ERROR_TEXT_BYTES = 1_200;

/** Largest gRPC message from gractl to grad: code or a part of a file, and its envelope. */
export const MAX_GRAD_REQUEST_BYTES = 8 * MIB;
/** Largest gRPC message from grad to gractl. */
export const MAX_GRAD_RESPONSE_BYTES = 16 * MIB;
/** Largest gRPC message from grad to a component. */
export const MAX_COMPONENT_REQUEST_BYTES = 16 * MIB;
/** Largest gRPC message from a component to grad. */
export const MAX_COMPONENT_RESPONSE_BYTES = 64 * MIB;
