import { shellCommand } from "../../shared/shell_quote.ts";
import type { Clock } from "../../shared/clock.ts";
import type { ErrorCode } from "../../shared/error_codes.ts";
import { GradError } from "../../shared/errors.ts";
import type { ExecutionCalls } from "./executions.ts";
import type { GradClient } from "./grad_client.ts";

export type ReconnectOptions = Readonly<{
  /** Makes a new connection; starts the local grad if it has ended. */
  dial(signal: AbortSignal): Promise<GradClient>;
  clock: Clock;
  /** How long a call is repeated, from its first failure on, before its error is thrown. */
  patienceMs: number;
  /** Called once for each call that is repeated. */
  onLost(error: GradError): void;
}>;

/** No answer came, so whether grad handled the call is unknown. Every call of grad may be repeated. */
const LOST: readonly ErrorCode[] = ["grad_unavailable", "grad_busy"];
/** Executions continue while their agent restarts, so reading them is repeated as well. */
const LOST_READ: readonly ErrorCode[] = [...LOST, "runner_unavailable"];
const LOST_EXECUTE: readonly ErrorCode[] = [...LOST, "outcome_unknown"];

const FIRST_DELAY_MS = 50;
const MAX_DELAY_MS = 2_000;
/** A lost call that took longer was being handled: grad is there, and its replicas end one after the other. */
const WORKED_MS = 5_000;
/** How often a call that is lost again gets its time anew: one to which grad never answers has to end. */
const MAX_RENEWALS = 5;

/** Repeats calls, on a new connection, when grad was restarted or the connection was cut during a call. */
export function reconnecting(first: GradClient, options: ReconnectOptions): GradClient {
  const { clock, patienceMs, onLost } = options;
  let current: Promise<GradClient> | undefined = Promise.resolve(first);
  let info = first.info;

  async function connected(signal: AbortSignal): Promise<GradClient> {
    current ??= options.dial(signal);
    const mine = current;
    try {
      const client = await mine;
      info = client.info;
      return client;
    } catch (thrown) {
      if (current === mine) current = undefined;
      throw thrown;
    }
  }

  /** Closes a lost connection, unless another call that lost it has done so. */
  async function drop(lost: GradClient): Promise<void> {
    if (await current?.catch(() => undefined) !== lost) return;
    current = undefined;
    await lost[Symbol.asyncDispose]();
  }

  async function persist<T>(
    signal: AbortSignal,
    codes: readonly ErrorCode[],
    call: (client: GradClient) => Promise<T>,
  ): Promise<T> {
    // From the first failure on: a call that grad worked on for a minute is repeated for as long as any other.
    let until: number | undefined;
    let renewals = 0;
    for (
      let delayMs = FIRST_DELAY_MS, tries = 1;;
      delayMs = Math.min(2 * delayMs, MAX_DELAY_MS), tries++
    ) {
      let client: GradClient | undefined;
      let calledAt = clock.now();
      try {
        client = await connected(signal);
        calledAt = clock.now();
        return await call(client);
      } catch (thrown) {
        if (!(thrown instanceof GradError) || !codes.includes(thrown.code)) throw thrown;
        if (client !== undefined && thrown.code === "grad_unavailable") await drop(client);
        // A call that grad worked on for a while, and that is lost once more, has as much time again.
        const worked = client !== undefined && clock.now() - calledAt >= WORKED_MS;
        if (until === undefined || (worked && renewals++ < MAX_RENEWALS)) until = clock.now() + patienceMs;
        if (clock.now() + delayMs > until) throw thrown;
        if (tries === 1) onLost(thrown);
        await clock.sleep(delayMs, signal);
      }
    }
  }
  const simple = <T>(signal: AbortSignal, call: (client: GradClient) => Promise<T>) =>
    persist(signal, LOST, call);

  const execute: ExecutionCalls["execute"] = async (request, signal) => {
    try {
      return await persist(signal, LOST_EXECUTE, (client) => client.executions.execute(request, signal));
    } catch (thrown) {
      if (!(thrown instanceof GradError) || thrown.code !== "grad_unavailable") throw thrown;
      throw new GradError("outcome_unknown", `Cannot tell whether the code was started: ${thrown.message}`, {
        hint:
          `Repeat the command with ${shellCommand`--idempotency-key ${request.idempotencyKey}`}: it never runs twice.`,
        cause: thrown,
      });
    }
  };

  return {
    get info() {
      return info;
    },
    system: { diagnose: (signal) => simple(signal, (client) => client.system.diagnose(signal)) },
    runners: {
      create: (ref, spec, signal) => simple(signal, (client) => client.runners.create(ref, spec, signal)),
      get: (ref, signal) => simple(signal, (client) => client.runners.get(ref, signal)),
      list: (request, signal) => simple(signal, (client) => client.runners.list(request, signal)),
      destroy: (ref, how, signal) => simple(signal, (client) => client.runners.destroy(ref, how, signal)),
      pause: (ref, how, signal) => simple(signal, (client) => client.runners.pause(ref, how, signal)),
      resume: (ref, signal) => simple(signal, (client) => client.runners.resume(ref, signal)),
      logs: (ref, which, signal) => simple(signal, (client) => client.runners.logs(ref, which, signal)),
      watch: (request, signal) => simple(signal, (client) => client.runners.watch(request, signal)),
    },
    sessions: {
      list: (runner, signal) => simple(signal, (client) => client.sessions.list(runner, signal)),
      get: (runner, name, signal) => simple(signal, (client) => client.sessions.get(runner, name, signal)),
      reset: (runner, how, signal) => simple(signal, (client) => client.sessions.reset(runner, how, signal)),
      delete: (runner, how, signal) =>
        simple(signal, (client) => client.sessions.delete(runner, how, signal)),
    },
    executions: {
      execute,
      readEvents: (request, signal) =>
        persist(signal, LOST_READ, (client) => client.executions.readEvents(request, signal)),
      get: (id, signal) => simple(signal, (client) => client.executions.get(id, signal)),
      list: (request, signal) => simple(signal, (client) => client.executions.list(request, signal)),
      interrupt: (request, signal) =>
        persist(signal, LOST_READ, (client) => client.executions.interrupt(request, signal)),
    },
    datasets: {
      check: (request, signal) => simple(signal, (client) => client.datasets.check(request, signal)),
    },
    files: {
      list: (request, signal) => simple(signal, (client) => client.files.list(request, signal)),
      read: (request, signal) => simple(signal, (client) => client.files.read(request, signal)),
      beginUpload: (request, signal) => simple(signal, (client) => client.files.beginUpload(request, signal)),
      writeUpload: (request, signal) => simple(signal, (client) => client.files.writeUpload(request, signal)),
      finishUpload: (request, signal) =>
        simple(signal, (client) => client.files.finishUpload(request, signal)),
    },
    async [Symbol.asyncDispose]() {
      const client = await current?.catch(() => undefined);
      current = undefined;
      await client?.[Symbol.asyncDispose]();
    },
  };
}
