import type { CallContext } from "../auth/call_context.ts";
import { checkName } from "../../shared/names.ts";
import type { RunnerService } from "../runners/service.ts";
import type { RequestedRef } from "../runners/runner.ts";
import type { Session } from "../agent/session.ts";

/** Sessions of the caller's runners. Nothing here starts a runner. */
export class Sessions {
  readonly #runners: RunnerService;

  constructor(runners: RunnerService) {
    this.#runners = runners;
  }

  list(context: CallContext, runner: RequestedRef): Promise<Session[]> {
    return this.#runners.ask(context, runner, (agent, signal) => agent.listSessions(signal));
  }

  get(context: CallContext, runner: RequestedRef, name: string): Promise<Session> {
    checkName("session", name);
    return this.#runners.ask(context, runner, (agent, signal) => agent.getSession(name, signal));
  }

  reset(
    context: CallContext,
    runner: RequestedRef,
    request: { name: string; kernel: string },
  ): Promise<Session> {
    checkName("session", request.name);
    return this.#runners.ask(context, runner, (agent, signal) => agent.resetSession(request, signal));
  }

  delete(
    context: CallContext,
    runner: RequestedRef,
    request: { name: string; force: boolean },
  ): Promise<void> {
    checkName("session", request.name);
    return this.#runners.ask(context, runner, (agent, signal) => agent.deleteSession(request, signal));
  }
}
