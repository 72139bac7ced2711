import { GradError, messageOf } from "../../shared/errors.ts";
import type { Readiness } from "../rpc/readiness.ts";

/**
 * Answers kubelets by plain HTTP, since their gRPC probes know no TLS: `/livez` as long as this process answers, `/readyz` as long as
 * calls can be served. Has no other path and no parameter, needs no identity, and tells nothing but that.
 * @throws {GradError} `grad_unavailable` where it cannot listen
 */
export function serveHealth(
  at: Readonly<{ hostname: string; port: number }>,
  readiness: Pick<Readiness, "check">,
): AsyncDisposable & Readonly<{ port: number }> {
  const answer = async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url);
    if (request.method !== "GET") return text(405, "only GET");
    if (pathname === "/livez") return text(200, "live");
    if (pathname !== "/readyz") return text(404, "there are /livez and /readyz");
    // A kubelet waits for its own timeout; the check has one, too.
    return await readiness.check() ? text(200, "ready") : text(503, "not ready");
  };
  try {
    const server = Deno.serve({ ...at, onListen() {} }, answer);
    return { port: server.addr.port, [Symbol.asyncDispose]: () => server.shutdown() };
  } catch (cause) {
    throw new GradError(
      "grad_unavailable",
      `Cannot listen on ${at.hostname}:${at.port} for health: ${messageOf(cause)}`,
      { cause },
    );
  }
}

function text(status: number, body: string): Response {
  return new Response(`${body}\n`, { status, headers: { "content-type": "text/plain" } });
}
