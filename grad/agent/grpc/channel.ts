import "../../../shared/goaway.ts";
import type { ClientOptions } from "@grpc/grpc-js";
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
