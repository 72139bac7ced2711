import { DataServiceClient } from "../../../proto/gen/runner/v1/data.ts";
import type { ComponentTls } from "../component_tls.ts";
import { componentChannel } from "./channel.ts";
import { fromDataset, toAttached, toCheck } from "./convert.ts";
import { unaryCall } from "./unary_call.ts";
import type { DataComponent } from "../data_component.ts";

/** Time for an answer, in addition to what the data component was asked to wait. */
const SLACK_MS = 15_000;
/** A check lists up to 100,000 objects and reads footers. */
const CHECK_MS = 180_000;

/** The data component that listens at `address` ("unix:/path", or "host:port" with `tls`). Connects when first used. */
export function dataClient(address: string, tls?: ComponentTls): DataComponent & { close(): void } {
  const { credentials, options } = componentChannel(tls);
  const client = new DataServiceClient(address, credentials, options);
  return {
    close: () => client.close(),
    async apply({ datasets, required, ...asked }, signal) {
      const bounds = { signal, timeoutMs: asked.waitMs + SLACK_MS };
      const request = { ...asked, datasets: datasets.map(fromDataset), required: [...required] };
      const applied = await unaryCall(client.apply.bind(client), request, bounds);
      return { datasets: applied.datasets.map(toAttached), version: applied.version };
    },
    async getStatus(signal) {
      const bounds = { signal, timeoutMs: SLACK_MS };
      return (await unaryCall(client.getStatus.bind(client), {}, bounds)).datasets.map(toAttached);
    },
    async check({ dataset, maxFiles }, signal) {
      const request = { dataset: fromDataset(dataset), maxFiles };
      return toCheck(
        (await unaryCall(client.check.bind(client), request, { signal, timeoutMs: CHECK_MS })).result,
      );
    },
  };
}
