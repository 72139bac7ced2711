import { type CallOptions, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { GradError } from "../../../shared/errors.ts";
import { isTransportFailure } from "../../../shared/transport_failure.ts";
import { decodeError, STATUS_DETAILS } from "../../../shared/wire_error.ts";

/** One method of a generated grpc-js client, bound. */
export type UnaryMethod<Request, Response> = (
  request: Request,
  metadata: Metadata,
  options: Partial<CallOptions>,
  callback: (error: ServiceError | null, response: Response) => void,
) => { cancel(): void };

export type CallBounds = Readonly<{
  signal: AbortSignal;
  /** Without an answer by then the component counts as unavailable. */
  timeoutMs: number;
  /** Wait for a socket that is not there yet, instead of failing at once. */
  waitForReady?: boolean;
}>;

/**
 * Calls a component. Rejects with the component's own GradError, with `runner_unavailable` when the component cannot be reached, or with the
 * signal's reason.
 */
export function unaryCall<Request, Response>(
  method: UnaryMethod<Request, Response>,
  request: Request,
  bounds: CallBounds,
): Promise<Response> {
  const { signal, timeoutMs, waitForReady = false } = bounds;
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const onAbort = () => call.cancel();
    const deadline = new Date(performance.timeOrigin + performance.now() + timeoutMs);
    const call = method(request, new Metadata({ waitForReady }), { deadline }, (error, response) => {
      signal.removeEventListener("abort", onAbort);
      if (error === null) resolve(response);
      else reject(signal.aborted ? signal.reason : fromStatus(error));
    });
    signal.addEventListener("abort", onAbort, { once: true });
  });
}

/** What a failed call means to grad. A status without our details comes from gRPC itself, or from something that is not our component. */
export function fromStatus(error: Pick<ServiceError, "code" | "details" | "metadata">): GradError {
  const [details] = error.metadata?.get(STATUS_DETAILS) ?? [];
  const sent = decodeError(details instanceof Uint8Array ? details : undefined);
  if (sent !== undefined) return sent;
  const code = isTransportFailure(error)
    ? "runner_unavailable"
    : error.code === status.UNIMPLEMENTED
    ? "version_mismatch"
    : "internal";
  return new GradError(code, `Cannot reach the runner's component: ${status[error.code]} ${error.details}`, {
    hint: "Try again; `gractl runner get` shows the runner's phase.",
    cause: error,
  });
}
