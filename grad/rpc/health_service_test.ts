import "../../shared/goaway.ts";
import assert from "node:assert/strict";
import { type ClientReadableStream, credentials } from "@grpc/grpc-js";
import {
  type HealthCheckResponse,
  HealthCheckResponse_ServingStatus as Serving,
  HealthClient,
} from "../../proto/gen/grpc/health/v1/health.ts";
import { served } from "../runners/testing/served.ts";
import { call } from "./testing/clients.ts";

type Scenario = {
  check(service: string): Promise<HealthCheckResponse>;
  watch(service: string): ClientReadableStream<HealthCheckResponse>;
  store: { up: boolean };
  stop(): PromiseLike<void>;
};

function scenario(name: string, body: (on: Scenario) => Promise<void>): void {
  Deno.test({
    name,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      const store = { up: true };
      const probe = () => store.up ? Promise.resolve() : Promise.reject(new Error("down"));
      await using grad = await served({ probe });
      const client = new HealthClient(grad.address, credentials.createInsecure());
      try {
        await body({
          check: (service) => call(client.check.bind(client), { service }),
          watch: (service) => client.watch({ service }),
          store,
          stop: grad.stop,
        });
      } finally {
        client.close();
      }
    },
  });
}

const next = async (stream: AsyncIterator<HealthCheckResponse>) => (await stream.next()).value?.status;

scenario("Health answers SERVING for grad and its services, and knows no others", async ({ check }) => {
  for (const service of ["", "grad.v1.RunnerService"]) {
    assert.equal((await check(service)).status, Serving.SERVING, service);
  }
  await assert.rejects(check("grad.v1.NoSuchService"), { status: "NOT_FOUND" });
});

scenario("Health answers NOT_SERVING while the store does not answer", async ({ check, store }) => {
  store.up = false;
  assert.equal((await check("")).status, Serving.NOT_SERVING);
  store.up = true;
  assert.equal((await check("")).status, Serving.SERVING);
});

scenario("Health streams report changes, and NOT_SERVING and the end when grad stops", async (on) => {
  const stream = on.watch("grad.v1.FileService")[Symbol.asyncIterator]();
  assert.equal(await next(stream), Serving.SERVING);
  on.store.up = false;
  await on.check("");
  assert.equal(await next(stream), Serving.NOT_SERVING);
  on.store.up = true;
  await on.check("");
  assert.equal(await next(stream), Serving.SERVING);
  const stopped = on.stop();
  assert.equal(await next(stream), Serving.NOT_SERVING);
  assert.ok((await stream.next()).done);
  await stopped;
});

scenario("Health streams of an unknown service say so, stay, and end when grad stops", async (on) => {
  const stream = on.watch("grad.v1.NoSuchService")[Symbol.asyncIterator]();
  assert.equal(await next(stream), Serving.SERVICE_UNKNOWN);
  const stopped = on.stop();
  assert.ok((await stream.next()).done);
  await stopped;
});
