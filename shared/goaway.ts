/**
 * Keeps Deno 2.9 from crashing when a gRPC server says goodbye. grpc-js closes the session within the event of the GOAWAY frame,
 * and Deno then frees it while nghttp2 still reads that frame: 6 of 8 polite ends of a server ended the client by SIGSEGV or a
 * failed assertion. Here the event comes a moment later, when the frame has been read. Import this module before the first call
 * of every gRPC client.
 */
import http2 from "node:http2";

const connect = http2.connect;

http2.connect = function connectDeferringGoaway(...args: Parameters<typeof connect>) {
  const session = connect.apply(http2, args);
  const emit = session.emit.bind(session);
  session.emit = function emitDeferringGoaway(name: string | symbol, ...values: unknown[]): boolean {
    if (name !== "goaway") return emit(name, ...values);
    setImmediate(() => emit(name, ...values));
    return true;
  };
  return session;
} as typeof connect;
