import type { handleUnaryCall, ServerUnaryCall } from "@grpc/grpc-js";
import { abortable } from "../../shared/abort.ts";
import { GradError } from "../../shared/errors.ts";
import type { Fields } from "../../shared/log.ts";
import type { Authenticator } from "../auth/authenticator.ts";
import type { CallContext } from "../auth/call_context.ts";
import type { Method } from "./middleware/methods.ts";
import { identified } from "./middleware/identity.ts";
import type { Call, Middleware } from "./middleware/middleware.ts";
import { toStatus } from "./status.ts";

/** What answers one method. It may throw anything. */
export type Handler<Request, Response> = (
  context: CallContext,
  request: Request,
) => Promise<Response> | Response;

export type UnaryOptions = Readonly<{
  middleware: Middleware;
  authenticator: Authenticator;
  /** Aborts with a GradError when grad stops and has waited long enough for its calls. */
  stopping: AbortSignal;
}>;

/** Makes grpc-js handlers of async functions. */
export class UnaryEdge {
  readonly #options: UnaryOptions;

  constructor(options: UnaryOptions) {
    this.#options = options;
  }

  serve<Request, Response>(
    method: Method,
    handler: Handler<Request, Response>,
  ): handleUnaryCall<Request, Response> {
    const { middleware, authenticator, stopping } = this.#options;
    return (received, respond) => {
      const afterAnswer: (() => void)[] = [];
      const call = receive(method, received, { stopping, afterAnswer });
      const handle = () => {
        const work = identified(authenticator, call, (context) => handler(context, received.request));
        // A handler that ignores its signal must not keep the client waiting.
        return abortable(work, call.signal);
      };
      middleware(call, handle)
        .then((response) => respond(null, response), (error: GradError) => respond(toStatus(error)))
        .finally(() => afterAnswer.forEach((task) => task()));
    };
  }
}

function receive<Request, Response>(
  method: Method,
  received: ServerUnaryCall<Request, Response>,
  { stopping, afterAnswer }: { stopping: AbortSignal; afterAnswer: (() => void)[] },
): Call {
  const left = new AbortController();
  received.on("cancelled", () => left.abort(new GradError("cancelled", "Cannot answer: the client left")));
  const [authorization] = received.metadata.get("authorization");
  const fields: Record<string, Fields[string]> = {};
  return {
    method,
    credentials: { authorization: authorization?.toString() },
    signal: AbortSignal.any([left.signal, stopping]),
    note: (more) => void Object.assign(fields, more),
    noted: () => fields,
    afterAnswer: (task) => void afterAnswer.push(task),
  };
}
