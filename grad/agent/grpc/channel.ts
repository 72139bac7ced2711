import "../../../shared/goaway.ts";
import { type ChannelCredentials, type ClientOptions, credentials } from "@grpc/grpc-js";
import { Buffer } from "node:buffer";
import type { ComponentTls } from "../component_tls.ts";
import { MAX_COMPONENT_REQUEST_BYTES, MAX_COMPONENT_RESPONSE_BYTES } from "../../../shared/limits.ts";

/** For channels to components: unix sockets of components that may be restarted, and answers of bounded size. */
export const COMPONENT_CHANNEL: Partial<ClientOptions> = {
  "grpc.max_receive_message_length": MAX_COMPONENT_RESPONSE_BYTES,
  "grpc.max_send_message_length": MAX_COMPONENT_REQUEST_BYTES,
  // A component comes back in tenths of a second: gRPC's usual second of backoff would be most of the wait.
  "grpc.initial_reconnect_backoff_ms": 50,
  "grpc.max_reconnect_backoff_ms": 500,
  "grpc.enable_retries": 0,
};

/** How to connect to a component: by a unix socket that only this user can open (`tls` is undefined), or by mutual TLS. */
export function componentChannel(
  tls: ComponentTls | undefined,
): Readonly<{ credentials: ChannelCredentials; options: Partial<ClientOptions> }> {
  if (tls === undefined) return { credentials: credentials.createInsecure(), options: COMPONENT_CHANNEL };
  const [authority, key, certificate] = [tls.authority, tls.key, tls.certificate].map((pem) =>
    Buffer.from(pem)
  );
  return {
    credentials: credentials.createSsl(authority, key, certificate),
    options: { ...COMPONENT_CHANNEL, "grpc.ssl_target_name_override": tls.serverName },
  };
}
