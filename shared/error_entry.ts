/** The entries of the catalogue of failures in error_codes.ts. */

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

/** One entry. */
export function entry(status: StatusName, exit: ExitCode, cause: string, remedy: string): ErrorEntry {
  return { status, exit, cause, remedy };
}
