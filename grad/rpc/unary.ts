import type { CallContext } from "../auth/call_context.ts";
import type { handleUnaryCall, ServerUnaryCall } from "@grpc/grpc-js";
import { abortable } from "../../shared/abort.ts";
import { GradError } from "../../shared/errors.ts";
import type { Ids } from "../../shared/ids.ts";
import type { Fields, Logger } from "../../shared/log.ts";
import { toStatus } from "./status.ts";

/** What answers one method: the request, in the context of the call. */
export type Handler<Request, Response> = (
  context: CallContext,
  request: Request,
) => Promise<Response> | Response;

export type Edge = Readonly<{
  log: Logger;
  ids: Ids;
  now: () => number;
  /** Aborts when grad stops and has waited long enough. */
  stopping: AbortSignal;
  maxCalls: number;
}>;

/** Who calls: on a unix socket that only its user can open, that user. */
const LOCAL_OWNER = "local";

/** Makes grpc-js handlers of async functions: identity, cancellation, errors and the log are dealt with here, once. */
export class UnaryEdge {
  readonly #edge: Edge;
  #running = 0;

  constructor(edge: Edge) {
    this.#edge = edge;
  }

  /** Calls under way. */
  get running(): number {
    return this.#running;
  }

  serve<Request, Response>(
    method: string,
    handler: Handler<Request, Response>,
  ): handleUnaryCall<Request, Response> {
    return (call, respond) => {
      const { log, now } = this.#edge;
      const startedAt = now();
      const fields: Record<string, Fields[string]> = { method };
      // After the answer: nobody waits for a line of our log.
      const tell = (code: string) => log.info("rpc.done", { ...fields, code, ms: elapsed(startedAt, now()) });
      this.#run(method, call, handler, fields).then(
        (response) => {
          respond(null, response);
          tell("ok");
        },
        (error: GradError) => {
          respond(toStatus(error));
          tell(error.code);
        },
      );
    };
  }

  /** Rejects with a GradError only. */
  async #run<Request, Response>(
    method: string,
    call: ServerUnaryCall<Request, Response>,
    handler: Handler<Request, Response>,
    fields: Record<string, Fields[string]>,
  ): Promise<Response> {
    const { stopping } = this.#edge;
    const left = new AbortController();
    call.on("cancelled", () => left.abort(new GradError("cancelled", "Cannot answer: the client left")));
    this.#running++;
    try {
      this.#checkLoad();
      const signal = AbortSignal.any([left.signal, stopping]);
      const note = (more: Fields) => void Object.assign(fields, more);
      const work = async () => await handler({ caller: { owner: LOCAL_OWNER }, signal, note }, call.request);
      return await abortable(work(), signal);
    } catch (thrown) {
      throw this.#known(thrown, method);
    } finally {
      this.#running--;
    }
  }

  #checkLoad(): void {
    const { maxCalls } = this.#edge;
    if (this.#running <= maxCalls) return;
    throw new GradError("grad_busy", `Cannot take the call: ${maxCalls} are being served`, {
      hint: "Try again in a moment.",
    });
  }

  /** Text of unexpected errors stays in our log, under an id that the client is told. */
  #known(thrown: unknown, method: string): GradError {
    if (thrown instanceof GradError) return thrown;
    const id = this.#edge.ids.random(10);
    this.#edge.log.error("rpc.bug", thrown, { method, id });
    return new GradError("internal", `Cannot answer the call: internal error ${id}`, {
      hint: `Report it with the line of grad's log that has the id ${id}.`,
    });
  }
}

function elapsed(startedAt: number, endedAt: number): number {
  return Math.round((endedAt - startedAt) * 10) / 10;
}
