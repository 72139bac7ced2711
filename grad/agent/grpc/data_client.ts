import { credentials } from "@grpc/grpc-js";
import { DataServiceClient } from "../../../proto/gen/runner/v1/data.ts";
import { GradError } from "../../../shared/errors.ts";
import { COMPONENT_CHANNEL } from "./channel.ts";
import { unaryCall } from "./unary_call.ts";
import type { DataComponent } from "../data_component.ts";

/** Beyond what the data component was told to wait. */
const SLACK_MS = 15_000;
/** A check lists up to 100,000 objects and reads footers. */
const CHECK_MS = 180_000;

/** The data component that listens at `address` ("unix:/path"). Connects when first used. */
export function dataClient(address: string): DataComponent & { close(): void } {
  const client = new DataServiceClient(address, credentials.createInsecure(), COMPONENT_CHANNEL);
  return {
    close: () => client.close(),
    async apply(request, signal) {
      const bounds = { signal, timeoutMs: request.waitMs + SLACK_MS };
      return await unaryCall(client.apply.bind(client), request, bounds);
    },
    async getStatus(signal) {
      return (await unaryCall(client.getStatus.bind(client), {}, { signal, timeoutMs: SLACK_MS })).datasets;
    },
    async check(request, signal) {
      const bounds = { signal, timeoutMs: CHECK_MS };
      const { result } = await unaryCall(client.check.bind(client), request, bounds);
      if (result === undefined) {
        throw new GradError("internal", "Cannot read the data component's answer: it has no result");
      }
      return result;
    },
  };
}
