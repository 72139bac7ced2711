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

  list(owner: string, runner: RunnerRef, signal: AbortSignal): Promise<Session[]> {
    return this.#ask(owner, runner, signal, (agent) => agent.listSessions(signal));
  }

  get(owner: string, runner: RunnerRef, name: string, signal: AbortSignal): Promise<Session> {
    checkName("session", name);
    return this.#ask(owner, runner, signal, (agent) => agent.getSession(name, signal));
  }

  reset(
    owner: string,
    runner: RunnerRef,
    request: { name: string; kernel: string },
    signal: AbortSignal,
  ): Promise<Session> {
    checkName("session", request.name);
    return this.#ask(owner, runner, signal, (agent) => agent.resetSession(request, signal));
  }

  async #ask<T>(
    owner: string,
    runner: RunnerRef,
    signal: AbortSignal,
    ask: (agent: SessionAgent) => Promise<T>,
  ): Promise<T> {
    const record = await this.#runners.find.existing(owner, runner);
    return await this.#runners.reach(record, ({ agent }) => ask(agent), signal);
  }
}
