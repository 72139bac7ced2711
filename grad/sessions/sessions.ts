import type { CallContext } from "../auth/call_context.ts";
import { checkName } from "../../shared/names.ts";
import type { RunnerManager } from "../runners/manager.ts";
import type { RunnerRef } from "../runners/runner.ts";
import type { Session, SessionAgent } from "../agent/session.ts";

/** Sessions of the caller's runners. Nothing here starts a runner. */
export class Sessions {
  readonly #runners: RunnerManager;

  constructor(runners: RunnerManager) {
    this.#runners = runners;
  }

  list(context: CallContext, runner: RunnerRef): Promise<Session[]> {
    return this.#ask(context, runner, (agent, signal) => agent.listSessions(signal));
  }

  get(context: CallContext, runner: RunnerRef, name: string): Promise<Session> {
    checkName("session", name);
    return this.#ask(context, runner, (agent, signal) => agent.getSession(name, signal));
  }

  reset(
    context: CallContext,
    runner: RunnerRef,
    request: { name: string; kernel: string },
  ): Promise<Session> {
    checkName("session", request.name);
    return this.#ask(context, runner, (agent, signal) => agent.resetSession(request, signal));
  }

  async #ask<T>(
    context: CallContext,
    runner: RunnerRef,
    ask: (agent: SessionAgent, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const record = await this.#runners.find.existing(context, runner);
    return await this.#runners.reach(context, record, ({ agent }) => ask(agent, context.signal));
  }
}
