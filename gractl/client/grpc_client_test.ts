import assert from "node:assert/strict";
import { join } from "node:path";
import {
  Metadata,
  type sendUnaryData,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  status,
} from "@grpc/grpc-js";
import {
  type ExecuteRequest as WireExecuteRequest,
  ExecutionServiceService,
  ExecutionStatus,
} from "../../proto/gen/grad/v1/execution.ts";
import { FileServiceService } from "../../proto/gen/grad/v1/file.ts";
import { RunnerPhase, RunnerServiceService } from "../../proto/gen/grad/v1/runner.ts";
import { SystemServiceService } from "../../proto/gen/grad/v1/system.ts";
import { systemClock } from "../../shared/clock.ts";
import { GradError } from "../../shared/errors.ts";
import { CUTS, cutServer, PHASES } from "../../shared/testing/cut_server.ts";
import { encodeError, STATUS_DETAILS } from "../../shared/wire_error.ts";
import { dialGrad } from "./grpc_client.ts";
import { DEFAULT_SPEC } from "./runners.ts";

// Runs a real server on a real socket, to test the behaviour of grpc-js and the conversion of messages.

type Handler = (request: unknown, callback: sendUnaryData<unknown>) => void;
type Handlers = Readonly<Record<string, Handler>>;

const HANDSHAKE: Handler = (_, callback) =>
  callback(null, {
    serverVersion: "9.9.9",
    api: 1,
    backend: "local",
    owner: "local",
    environments: ["default"],
    instance: "1-x",
  });

async function withGrad(
  handlers: Handlers,
  use: (address: string, server: Server) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "gg-" });
  const address = `unix:${join(dir, "s")}`;
  const server = new Server();
  const unary =
    (name: string) => (call: ServerUnaryCall<unknown, unknown>, callback: sendUnaryData<unknown>) => {
      const handler = { handshake: HANDSHAKE, interruptExecution: () => waiting(), ...handlers }[name];
      if (handler === undefined) return callback({ code: status.UNIMPLEMENTED, details: "no" });
      handler(call.request, callback);
    };
  for (
    const service of [SystemServiceService, RunnerServiceService, ExecutionServiceService, FileServiceService]
  ) {
    server.addService(service, Object.fromEntries(Object.keys(service).map((name) => [name, unary(name)])));
  }
  await new Promise<void>((resolve, reject) =>
    server.bindAsync(
      address,
      ServerCredentials.createInsecure(),
      (error) => error ? reject(error) : resolve(),
    )
  );
  try {
    await use(address, server);
  } finally {
    server.forceShutdown();
    await Deno.remove(dir, { recursive: true });
  }
}

/** Called when `interruptExecution` is called, which never responds. */
let waiting = () => {};

const signal = new AbortController().signal;
const dial = (address: string) => dialGrad(address, { clock: systemClock, signal });
const REF = { workspaceId: "ws-abcdefgh12345678", name: "runner-1" };

/** Without leak checks: grpc-js closes sockets and timers a moment after a call. */
function adapterTest(name: string, body: () => Promise<void>): void {
  Deno.test({ name, fn: body, sanitizeOps: false, sanitizeResources: false });
}

adapterTest(
  "dialGrad() does the handshake and returns the server's information",
  () =>
    withGrad({}, async (address) => {
      await using client = await dial(address);
      assert.equal(client.info.version, "9.9.9");
      assert.deepEqual(client.info.environments, ["default"]);
    }),
);

adapterTest("dialGrad() throws grad_unavailable where no grad listens", async () => {
  await assert.rejects(dial("unix:/nowhere/at/all"), { code: "grad_unavailable", message: /unix:\/nowhere/ });
});

adapterTest("dialGrad() refuses other kinds of addresses", async () => {
  await assert.rejects(dial("example.org:443"), { code: "invalid_argument" });
});

adapterTest("a GradError arrives with code, message and hint", () =>
  withGrad({
    getRunner(_, callback) {
      const metadata = new Metadata();
      const error = new GradError("runner_not_found", 'Cannot find "ä"', { hint: "Look → there." });
      metadata.set(STATUS_DETAILS, Buffer.from(encodeError(error).details));
      callback({ code: status.NOT_FOUND, details: "Cannot find", metadata });
    },
  }, async (address) => {
    await using client = await dial(address);
    await assert.rejects(client.runners.get(REF, signal), {
      code: "runner_not_found",
      message: 'Cannot find "ä"',
      hint: "Look → there.",
    });
  }));

adapterTest(
  "a call that grad does not implement is a version_mismatch",
  () =>
    withGrad({}, async (address) => {
      await using client = await dial(address);
      await assert.rejects(client.runners.get(REF, signal), { code: "version_mismatch" });
    }),
);

for (const phase of PHASES) {
  for (const cut of CUTS) {
    adapterTest(`a grad that ${cut} ${phase} is grad_unavailable`, async () => {
      await using server = await cutServer(phase, cut);
      await assert.rejects(dial(server.address), { code: "grad_unavailable" });
    });
  }
}

adapterTest(
  "a grad that dies during a call is grad_unavailable",
  () =>
    withGrad({}, async (address, server) => {
      await using client = await dial(address);
      const entered = Promise.withResolvers<void>();
      waiting = entered.resolve;
      const call = client.executions.interrupt({ executionId: "x", force: false, waitMs: 0 }, signal);
      await entered.promise;
      server.forceShutdown();
      await assert.rejects(call, { code: "grad_unavailable" });
      await assert.rejects(client.runners.get(REF, signal), { code: "grad_unavailable" });
    }),
);

adapterTest(
  "aborting the signal ends a call with its reason",
  () =>
    withGrad({ readEvents: () => {} }, async (address) => {
      await using client = await dial(address);
      const stop = new AbortController();
      const call = client.executions.readEvents(
        { executionId: "x", fromSeq: 1, waitMs: 20_000 },
        stop.signal,
      );
      stop.abort(new GradError("cancelled", "Enough"));
      await assert.rejects(call, { code: "cancelled", message: "Enough" });
    }),
);

adapterTest("execute() sends datasets with their keys, and receives events unchanged", () => {
  let got: WireExecuteRequest | undefined;
  return withGrad({
    execute(request, callback) {
      got = request as WireExecuteRequest;
      const at = new Date("2026-11-23T10:00:00.123Z");
      callback(null, {
        execution: {
          id: "r-1",
          runner: REF,
          session: "s",
          kernel: "python3",
          status: ExecutionStatus.EXECUTION_STATUS_OUT_OF_MEMORY,
          codePath: "",
          deadlineMs: 0,
        },
        events: [
          { seq: 1n, time: at, kind: { $case: "stdout", value: { data: Uint8Array.of(255, 0) } } },
          { seq: 2n, time: at, kind: { $case: "gap", value: { of: "stdout", amount: 5n, path: "" } } },
          { seq: 3n, kind: undefined },
        ],
        nextSeq: 4n,
        done: false,
        unavailableDatasets: [],
      });
    },
  }, async (address) => {
    await using client = await dial(address);
    const credentials = { accessKeyId: "a", secretAccessKey: "b", sessionToken: "", expiresAtSeconds: 7 };
    const answer = await client.executions.execute({
      runner: REF,
      spec: DEFAULT_SPEC,
      session: "s",
      kernel: "",
      idempotencyKey: "k",
      code: "1",
      paramsJson: '{"a":1}',
      codeName: "",
      columns: 0,
      deadlineMs: 5,
      requiredDatasets: ["d"],
      keepOtherDatasets: true,
      waitMs: 1,
      datasets: [{
        name: "d",
        description: "",
        access: "read-only",
        source: {
          type: "s3",
          endpoint: "e",
          region: "r",
          bucket: "b",
          prefix: "p",
          pathStyle: true,
          credentials,
          credentialsUnavailable: false,
        },
      }, { name: "f", description: "", access: "read-only", source: { type: "directory", path: "/d" } }],
    }, signal);
    assert.equal(answer.execution.status, "out_of_memory");
    assert.equal(answer.nextSeq, 4);
    const [out, gap, unknown] = answer.events;
    assert.deepEqual(out?.type === "stdout" && [...out.data], [255, 0]);
    assert.equal(out?.time?.toISOString(), "2026-11-23T10:00:00.123Z");
    assert.deepEqual(gap, {
      seq: 2,
      time: out?.time,
      type: "gap",
      gap: { of: "stdout", amount: 5, path: "" },
    });
    assert.equal(unknown?.type, "unknown");
    assert.equal(got?.datasets[0]?.source?.$case, "s3");
    assert.deepEqual(got?.datasets[0]?.source?.value, {
      endpoint: "e",
      region: "r",
      bucket: "b",
      prefix: "p",
      pathStyle: true,
      credentials: { ...credentials, expiresAtSeconds: 7n },
      credentialsUnavailable: false,
    });
    assert.equal(got?.datasets[1]?.source?.$case, "directory");
  });
});

adapterTest("runners have their phase as a string", () =>
  withGrad({
    getRunner: (_, callback) =>
      callback(null, {
        runner: {
          id: "r",
          ref: REF,
          owner: "local",
          phase: RunnerPhase.RUNNER_PHASE_DESTROYED,
          stage: 0,
          reason: 0,
          phaseMessage: "",
          lastActivity: "",
          datasets: [],
          lostSessions: [],
          agentVersion: "",
          backend: "local",
          tombstone: { endedBy: "local", reason: "destroyed", message: "", endedAt: new Date(0) },
        },
      }),
  }, async (address) => {
    await using client = await dial(address);
    const runner = await client.runners.get(REF, signal);
    assert.equal(runner.phase, "destroyed");
    assert.equal(runner.tombstone?.endedAt?.getTime(), 0);
    assert.deepEqual(runner.spec, DEFAULT_SPEC);
  }));

adapterTest("a response of 4 MiB arrives", () =>
  withGrad({
    readFile: (_, callback) =>
      callback(null, {
        data: new Uint8Array(4 * 2 ** 20),
        totalBytes: 4n * 2n ** 20n,
        revision: "1",
        mode: 0o644,
      }),
  }, async (address) => {
    await using client = await dial(address);
    const request = { runner: REF, path: "outputs/x", offset: 0, maxBytes: 4 * 2 ** 20, revision: "" };
    const part = await client.files.read(request, signal);
    assert.deepEqual([part.data.length, part.totalBytes], [4 * 2 ** 20, 4 * 2 ** 20]);
  }));
