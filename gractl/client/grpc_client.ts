import "../../shared/goaway.ts";
import {
  type ChannelOptions,
  Client,
  type ClientUnaryCall,
  credentials,
  Metadata,
  type ServiceError,
} from "@grpc/grpc-js";
import { DatasetServiceService as datasets } from "../../proto/gen/grad/v1/dataset.ts";
import { ExecutionServiceService as executions } from "../../proto/gen/grad/v1/execution.ts";
import { FileServiceService as files } from "../../proto/gen/grad/v1/file.ts";
import { RunnerServiceService as runners } from "../../proto/gen/grad/v1/runner.ts";
import { SessionServiceService as sessions } from "../../proto/gen/grad/v1/session.ts";
import { SystemServiceService as system } from "../../proto/gen/grad/v1/system.ts";
import type { Clock } from "../../shared/clock.ts";
import { GradError } from "../../shared/errors.ts";
import { MAX_GRAD_REQUEST_BYTES, MAX_GRAD_RESPONSE_BYTES } from "../../shared/limits.ts";
import { API, VERSION } from "../../shared/version.ts";
import type { TokenSource } from "./token_source.ts";
import { fromStatus } from "./from_status.ts";
import {
  toAttached,
  toCheck,
  toDiagnosticCheck,
  toEvent,
  toExecution,
  toFileEntry,
  toRunner,
  toSession,
} from "./from_wire.ts";
import type { GradClient } from "./grad_client.ts";
import { type NetworkServer, tlsChannel } from "./tls_channel.ts";
import { fromDataset, fromExecute, fromSpec } from "./to_wire.ts";

/** Timeout of connecting and the handshake; grpc-js has no connection timeout. */
const CONNECT_MS = 5_000;
/** The same for the network, where also the token is verified. */
const NETWORK_CONNECT_MS = 15_000;
/** Timeout of calls that only read or change stored state. */
const QUICK_MS = 30_000;
/** grad promises an answer to Diagnose within 30 s. */
const DIAGNOSE_MS = 40_000;
/** Timeout of calls that may create a runner, mount datasets or list a large bucket. */
const SLOW_MS = 10 * 60_000;

/** One unary method of a generated service definition. */
type Method<Request, Response> = Readonly<{
  path: string;
  requestSerialize(value: Request): Buffer;
  responseDeserialize(value: Buffer): Response;
}>;

/** A channel to grad, and what its calls carry. */
type Channel = Readonly<{
  client: Client;
  /** Where it leads to, for errors. */
  address: string;
  /** Absent on a socket of this machine, whose permissions identify the user. */
  tokens?: TokenSource;
}>;

/** Makes unary calls on a channel: statuses become GradErrors, and an aborted signal cancels the call. */
function caller({ client, address, tokens }: Channel, clock: Clock) {
  function once<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    options: { metadata: Metadata; signal: AbortSignal; withinMs: number },
  ): Promise<Response> {
    const { metadata, signal, withinMs } = options;
    if (signal.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const onResponse = (error: ServiceError | null, response?: Response) => {
        signal.removeEventListener("abort", abort);
        if (signal.aborted) reject(signal.reason);
        else if (error !== null) reject(fromStatus(error, address));
        else resolve(response!);
      };
      const deadline = clock.now() + withinMs;
      const call: ClientUnaryCall = client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        request,
        metadata,
        { deadline },
        onResponse,
      );
      function abort() {
        call.cancel();
      }
      signal.addEventListener("abort", abort, { once: true });
    });
  }

  return async <Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    options: { signal: AbortSignal; withinMs: number },
  ): Promise<Response> => {
    if (tokens === undefined) return await once(method, request, { ...options, metadata: new Metadata() });
    const { signal } = options;
    const send = (token: string) => once(method, request, { ...options, metadata: bearer(token) });
    const token = await tokens.current(signal);
    try {
      return await send(token);
    } catch (thrown) {
      if (!isRefusedToken(thrown)) throw thrown;
      // It was revoked, or expired sooner than it says. The call was not handled, so it is made again.
      const other = await tokens.after(token, signal);
      if (other !== undefined) return await send(other);
      throw new GradError("unauthenticated", thrown.message, { hint: tokens.remedy, cause: thrown });
    }
  };
}

function isRefusedToken(thrown: unknown): thrown is GradError {
  return thrown instanceof GradError && thrown.code === "unauthenticated";
}

function bearer(token: string): Metadata {
  const metadata = new Metadata();
  metadata.set("authorization", `Bearer ${token}`);
  return metadata;
}

/** Of one message, and of a channel. */
const CHANNEL: Partial<ChannelOptions> = {
  "grpc.max_receive_message_length": MAX_GRAD_RESPONSE_BYTES,
  "grpc.max_send_message_length": MAX_GRAD_REQUEST_BYTES,
  // reconnecting.ts decides on retries; silent ones of the channel would hide that grad was restarted.
  "grpc.enable_retries": 0,
};

/**
 * Connects to a grad of this machine and does the handshake.
 *
 * @param address "unix:/path"
 * @throws {GradError} `grad_unavailable`, `version_mismatch`
 */
export async function dialGrad(
  address: string,
  options: { clock: Clock; signal: AbortSignal },
): Promise<GradClient> {
  if (!address.startsWith("unix:/")) {
    throw new GradError("invalid_argument", `Cannot use ${JSON.stringify(address)} as grad's address`, {
      hint: "Use `unix:/path/of/grad.sock`.",
    });
  }
  // A local socket needs no proxy, also where the environment sets one.
  const channel = { ...CHANNEL, "grpc.enable_http_proxy": 0 };
  const client = new Client(address, credentials.createInsecure(), channel);
  return await greet({ client, address }, options);
}

/**
 * Connects to a grad of the network, by TLS, and does the handshake. Tokens are sent only when its certificate has been verified.
 *
 * @throws {GradError} `grad_unavailable`, `certificate_invalid`, `version_mismatch`, `unauthenticated`, and as `TokenSource.current`
 */
export async function dialNetworkGrad(
  server: NetworkServer,
  options: { tokens: TokenSource; clock: Clock; signal: AbortSignal },
): Promise<GradClient> {
  const { target, address, channelCredentials, channelOptions } = tlsChannel(server);
  const client = new Client(target, channelCredentials, { ...CHANNEL, ...channelOptions });
  return await greet({ client, address, tokens: options.tokens }, options);
}

async function greet(
  channel: Channel,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<GradClient> {
  const call = caller(channel, clock);
  try {
    const hello = { clientVersion: VERSION, api: API };
    const withinMs = channel.tokens === undefined ? CONNECT_MS : NETWORK_CONNECT_MS;
    const answer = await call(system.handshake, hello, { signal, withinMs });
    const { serverVersion, ...info } = answer;
    return wrap(channel.client, call, { ...info, version: serverVersion });
  } catch (thrown) {
    channel.client.close();
    throw thrown;
  }
}

function wrap(client: Client, call: ReturnType<typeof caller>, info: GradClient["info"]): GradClient {
  const quick = (signal: AbortSignal) => ({ signal, withinMs: QUICK_MS });
  const slow = (signal: AbortSignal) => ({ signal, withinMs: SLOW_MS });
  return {
    info,
    runners: {
      async create(ref, spec, signal) {
        const answer = await call(runners.createRunner, { ref, spec: fromSpec(spec) }, slow(signal));
        return { runner: toRunner(answer.runner), created: answer.created };
      },
      get: async (ref, signal) => toRunner((await call(runners.getRunner, { ref }, quick(signal))).runner),
      list: async (options, signal) =>
        (await call(runners.listRunners, options, quick(signal))).runners.map(toRunner),
      destroy: async (ref, { force }, signal) =>
        toRunner((await call(runners.destroyRunner, { ref, force }, slow(signal))).runner),
      pause: async (ref, { force }, signal) =>
        toRunner((await call(runners.pauseRunner, { ref, force }, slow(signal))).runner),
      async resume(ref, signal) {
        const answer = await call(runners.resumeRunner, { ref }, slow(signal));
        return { runner: toRunner(answer.runner), resumed: answer.resumed };
      },
      logs: async (ref, options, signal) =>
        (await call(runners.readRunnerLogs, { ref, ...options }, quick(signal))).logs,
      async watch(options, signal) {
        const within = { signal, withinMs: options.waitMs + QUICK_MS };
        const answer = await call(runners.watchRunners, options, within);
        return { runners: answer.runners.map(toRunner), cursor: answer.cursor };
      },
    },
    system: {
      diagnose: async (signal) =>
        (await call(system.diagnose, {}, { signal, withinMs: DIAGNOSE_MS })).checks.map(toDiagnosticCheck),
    },
    sessions: {
      list: async (runner, signal) =>
        (await call(sessions.listSessions, { runner }, quick(signal))).sessions.map(toSession),
      get: async (runner, name, signal) =>
        toSession((await call(sessions.getSession, { runner, name }, quick(signal))).session),
      reset: async (runner, options, signal) =>
        toSession((await call(sessions.resetSession, { runner, ...options }, slow(signal))).session),
      delete: async (runner, options, signal) =>
        void await call(sessions.deleteSession, { runner, ...options }, slow(signal)),
    },
    executions: {
      async execute(request, signal) {
        const answer = await call(executions.execute, fromExecute(request), slow(signal));
        const { done, nextSeq, resumed } = answer;
        return {
          resumed,
          unavailableDatasets: answer.unavailableDatasets.map(toAttached),
          execution: toExecution(answer.execution),
          events: answer.events.map(toEvent),
          nextSeq: Number(nextSeq),
          done,
        };
      },
      async readEvents({ executionId, fromSeq, waitMs }, signal) {
        const request = { executionId, fromSeq: BigInt(fromSeq), waitMs, maxBytes: 0 };
        const answer = await call(executions.readEvents, request, { signal, withinMs: waitMs + QUICK_MS });
        return { events: answer.events.map(toEvent), nextSeq: Number(answer.nextSeq), done: answer.done };
      },
      get: async (executionId, signal) =>
        toExecution((await call(executions.getExecution, { executionId }, quick(signal))).execution),
      list: async (request, signal) =>
        (await call(executions.listExecutions, request, quick(signal))).executions.map(toExecution),
      async interrupt(request, signal) {
        const within = { signal, withinMs: request.waitMs + QUICK_MS };
        return toExecution((await call(executions.interruptExecution, request, within)).execution);
      },
    },
    datasets: {
      async check({ dataset, ...rest }, signal) {
        const request = { ...rest, dataset: fromDataset(dataset) };
        return toCheck(await call(datasets.checkDataset, request, slow(signal)));
      },
    },
    files: {
      async list(request, signal) {
        const answer = await call(files.listFiles, request, quick(signal));
        return { entries: answer.entries.map(toFileEntry), truncated: answer.truncated };
      },
      async read({ offset, ...request }, signal) {
        const answer = await call(files.readFile, { ...request, offset: BigInt(offset) }, quick(signal));
        return { ...answer, totalBytes: Number(answer.totalBytes) };
      },
      async beginUpload({ totalBytes, ...request }, signal) {
        const wire = { ...request, totalBytes: BigInt(totalBytes) };
        const answer = await call(files.beginUpload, wire, slow(signal));
        return { uploadId: answer.uploadId, offset: Number(answer.offset) };
      },
      async writeUpload({ offset, ...request }, signal) {
        const wire = { ...request, offset: BigInt(offset) };
        return Number((await call(files.writeUpload, wire, quick(signal))).offset);
      },
      finishUpload: async (request, signal) =>
        toFileEntry((await call(files.finishUpload, request, slow(signal))).entry),
    },
    [Symbol.asyncDispose]() {
      client.close();
      return Promise.resolve();
    },
  };
}
