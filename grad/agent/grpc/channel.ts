import "../../../shared/goaway.ts";
import type { ClientOptions } from "@grpc/grpc-js";

const MIB = 1 << 20;

/** For channels to components: unix sockets of components that may be restarted, and answers of bounded size. */
export const COMPONENT_CHANNEL: Partial<ClientOptions> = {
  "grpc.max_receive_message_length": 64 * MIB,
  "grpc.max_send_message_length": 16 * MIB,
  // A component comes back in tenths of a second: gRPC's usual second of backoff would be most of the wait.
  "grpc.initial_reconnect_backoff_ms": 50,
  "grpc.max_reconnect_backoff_ms": 500,
  "grpc.enable_retries": 0,
};
