import type { Session } from "../client/sessions.ts";
import { age } from "../ui/age.ts";
import type { Style } from "../ui/style.ts";
import { renderFields, renderTable } from "../ui/tables.ts";
import type { DocumentFields } from "./schema/documents.ts";
import { instant } from "./instant.ts";

/** Fields of kind Session; `runner` is the runner's name. */
export function sessionFields(session: Session, runner: string): DocumentFields<"Session"> {
  const { name, runnerId, kernel, state, generation, previousEnd, executions, queued } = session;
  return {
    name,
    runner,
    runnerId,
    kernel,
    state,
    createdAt: instant(session.createdAt),
    lastUsedAt: instant(session.lastUsedAt),
    generation,
    previousEnd,
    executions,
    runningExecution: session.runningExecutionId === "" ? null : session.runningExecutionId,
    queued,
  };
}

/** One session as text. */
export function sessionText(
  session: Session,
  { runner, style, now }: { runner: string; style: Style; now: number },
): string {
  const used = age(session.lastUsedAt, now);
  return renderFields([
    ["name", session.name],
    ["runner", runner],
    ["kernel", session.kernel],
    ["state", session.state],
    ["running", session.runningExecutionId],
    ["queued", session.queued === 0 ? undefined : session.queued],
    ["executions", session.executions],
    ["kernels started", session.generation],
    ["last kernel ended", session.previousEnd],
    ["created", session.createdAt?.toISOString()],
    ["last used", used && `${used} ago`],
  ], style);
}

/** The sessions of a runner as a table. */
export function sessionTable(
  sessions: readonly Session[],
  { runner, style, now }: { runner: string; style: Style; now: number },
): string {
  const rows = sessions.map((each) => [
    each.name,
    each.kernel,
    each.state,
    each.executions,
    age(each.lastUsedAt, now),
    each.runningExecutionId,
  ]);
  return renderTable(["NAME", "KERNEL", "STATE", "EXECUTIONS", "USED", "RUNNING"], rows, {
    style,
    empty: `No sessions in ${runner}.`,
  });
}
