/**
 * Keeps Deno 2.9 from crashing when the other end of an HTTP/2 connection says goodbye. A GOAWAY frame makes node:http2 and
 * grpc-js destroy the session within the frame's own event, and Deno then frees it while nghttp2 still reads the frame: the polite
 * end of a server ended six of eight clients by SIGSEGV or a failed assertion in nghttp2_session.c. Here a session is destroyed
 * a moment later, when the frame has been read. To be imported where grpc-js is, before its first use; clients and servers alike.
 */
import http2 from "node:http2";

const { connect, createServer, createSecureServer } = http2;

http2.connect = ((...args: Parameters<typeof connect>) => destroyLater(connect(...args))) as typeof connect;

http2.createServer = ((...args: Parameters<typeof createServer>) => {
  const server = createServer(...args);
  server.on("session", destroyLater);
  return server;
}) as typeof createServer;

http2.createSecureServer = ((...args: Parameters<typeof createSecureServer>) => {
  const server = createSecureServer(...args);
  server.on("session", destroyLater);
  return server;
}) as typeof createSecureServer;

function destroyLater<Session extends http2.Http2Session>(session: Session): Session {
  const destroy = session.destroy.bind(session);
  session.destroy = (...args: Parameters<typeof destroy>) => void setImmediate(() => destroy(...args));
  return session;
}
