import "../goaway.ts";
import { Buffer } from "node:buffer";
import http2 from "node:http2";
import type { Socket } from "node:net";

/** How much of its answer a server sends before it dies. */
export const PHASES = [
  "before its headers",
  "after its headers",
  "in its message",
  "after its message",
] as const;
export type Phase = typeof PHASES[number];

const { NGHTTP2_PROTOCOL_ERROR, NGHTTP2_INTERNAL_ERROR, NGHTTP2_CANCEL, NGHTTP2_ENHANCE_YOUR_CALM } =
  http2.constants;

type Cutter = (stream: http2.ServerHttp2Stream, socket: Socket) => void;
const CUTTERS = {
  "resets the stream (protocol error)": (stream) => stream.close(NGHTTP2_PROTOCOL_ERROR),
  "resets the stream (internal error)": (stream) => stream.close(NGHTTP2_INTERNAL_ERROR),
  "resets the stream (cancel)": (stream) => stream.close(NGHTTP2_CANCEL),
  "resets the stream (calm)": (stream) => stream.close(NGHTTP2_ENHANCE_YOUR_CALM),
  "destroys the stream": (stream) => stream.destroy(),
  "destroys the session": (stream) => stream.session?.destroy(),
  "fails the session": (stream) => stream.session?.destroy(undefined, NGHTTP2_INTERNAL_ERROR),
  "destroys the socket": (_stream, socket) => socket.destroy(),
} as const satisfies Record<string, Cutter>;

/** How it dies. */
export type Cut = keyof typeof CUTTERS;
export const CUTS = Object.keys(CUTTERS) as Cut[];

/** An HTTP/2 server on a unix socket that begins to answer every call as a gRPC server does, and dies in the middle of it. */
export async function cutServer(phase: Phase, cut: Cut): Promise<AsyncDisposable & { address: string }> {
  const folder = await Deno.makeTempDir({ prefix: "cut-" });
  const path = `${folder}/s`;
  const sockets = new Set<Socket>();
  let latest: Socket | undefined;
  const server = http2.createServer();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    latest = socket;
  });
  server.on("sessionError", () => {});
  server.on("session", (session) => session.on("error", () => {}));
  server.on("stream", (opened) => {
    const stream = opened as http2.ServerHttp2Stream; // the types say less than what a server gets
    stream.on("error", () => {});
    stream.resume();
    begin(stream, phase, () => CUTTERS[cut](stream, latest!));
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    address: `unix:${path}`,
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

function begin(stream: http2.ServerHttp2Stream, phase: Phase, then: () => void): void {
  if (phase === "before its headers") return then();
  stream.respond({ ":status": 200, "content-type": "application/grpc+proto" });
  // A message's frame has a flag, four bytes of length and the message.
  if (phase === "after its headers") setImmediate(then);
  else if (phase === "in its message") stream.write(Buffer.from([0, 0, 0, 1, 0, 10, 20]), then);
  else stream.write(Buffer.from([0, 0, 0, 0, 0]), then);
}
