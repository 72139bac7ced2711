import { GradError } from "../../shared/errors.ts";
import { MAX_LISTED_EXECUTIONS } from "../../shared/limits.ts";
import type { GradClient } from "../client/grad_client.ts";
import type { Deps } from "../deps.ts";
import { runnerRef } from "./runner_ref.ts";

/** The newest execution of a runner, in place of an id. */
export const LAST = "@last";

export const EXECUTION_ID_ARGUMENT = ["<id>", "id of the execution, the beginning of one, or @last"] as const;

export const EXECUTION_RUNNER_OPTION = [
  "--runner <name>",
  "runner of @last and of the beginning of an id (default: the workspace's)",
] as const;

/** As `<runner id>-<16 hexadecimal digits>`: what both parts look like, and how long they are. */
const WHOLE_ID = /^[a-z0-9]+-[0-9a-f]{16}$/;
/** Ids that are listed where one does not say enough. */
const MAX_NAMED = 5;

/**
 * The id of the execution that the user names: a whole id, {@link LAST}, or the beginning of an id or of the part behind its "-", which
 * only one execution of the runner has. Only a whole id needs no workspace.
 *
 * @throws {GradError} `execution_not_found`, `usage` where more than one execution is meant, and as {@link runnerRef}
 */
export async function executionId(
  deps: Deps,
  client: Pick<GradClient, "executions">,
  named: Readonly<{ id: string; runner: string | undefined }>,
): Promise<string> {
  const { id } = named;
  if (WHOLE_ID.test(id)) return id;
  const runner = await runnerRef(deps, named.runner);
  const list = (limit: number) => client.executions.list({ runner, session: "", limit }, deps.signal);
  if (id === LAST) {
    const [newest] = await list(1);
    if (newest !== undefined) return newest.id;
    throw new GradError("execution_not_found", `No code has run in ${runner.name} yet`, {
      hint: "Run some: `gractl execute-code --code '1 + 1'`.",
    });
  }
  const meant = id === ""
    ? []
    : (await list(MAX_LISTED_EXECUTIONS)).map((each) => each.id).filter((each) =>
      each.startsWith(id) || each.slice(each.lastIndexOf("-") + 1).startsWith(id)
    );
  const [only, another] = meant;
  if (only !== undefined && another === undefined) return only;
  if (only === undefined) {
    throw new GradError(
      "execution_not_found",
      `Cannot find an execution in ${runner.name} whose id begins with ${JSON.stringify(id.slice(0, 80))}`,
      { hint: "`gractl execution list` shows their ids; @last is the newest." },
    );
  }
  const shown = meant.length > MAX_NAMED ? [...meant.slice(0, MAX_NAMED), "…"] : meant;
  throw new GradError(
    "usage",
    `Cannot tell which execution "${id}" is: ${meant.length} ids begin with it: ${shown.join(", ")}`,
    { hint: `Write more of it, such as ${only}.` },
  );
}
