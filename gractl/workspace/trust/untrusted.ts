import { GradError } from "../../../shared/errors.ts";
import { shellQuote } from "../../../shared/shell_quote.ts";
import type { Workspace } from "../workspace.ts";
import { describeGrant } from "./grant.ts";
import type { TrustOptions, TrustState } from "./trust.ts";

/** Grants that an error lists; `workspace trust` and `workspace status` list all. */
const MAX_LISTED = 20;

/** The error of a workspace that may not do what it asks for. */
export function untrusted(
  workspace: Workspace,
  state: TrustState,
  options: Pick<TrustOptions, "agent" | "explicit">,
): GradError {
  const summary = state.state === "changed"
    ? `Cannot use the workspace "${workspace.dir}": it asks for more than you trust it with:`
    : `Cannot use the workspace "${workspace.dir}": ${whyUntrusted(state)}; it asks for:`;
  const listed = state.missing.slice(0, MAX_LISTED).map((grant) => `  ${describeGrant(grant)}`);
  const more = state.missing.length - listed.length;
  if (listed.length === 0) listed.push("  nothing but to run code in its runners");
  const lines = [summary, ...listed, ...more > 0 ? [`  and ${more} more`] : []];
  return new GradError("workspace_untrusted", lines.join("\n"), {
    hint: trustHint(workspace, options),
  });
}

function whyUntrusted({ elsewhere }: TrustState): string {
  if (elsewhere.length === 0) return "you have not trusted it on this machine";
  return `you trust it in ${
    elsewhere.map((path) => `"${path}"`).join(" and ")
  }, from where it was moved or copied, and not here`;
}

/** The next step, with the command; an agent cannot take it. */
function trustHint(
  workspace: Workspace,
  { agent, explicit }: Pick<TrustOptions, "agent" | "explicit">,
): string {
  const command = trustCommand(workspace, explicit());
  return agent === undefined
    ? `If that is what you want, run \`${command}\`.`
    : `Ask the user to read this, and to run \`${command}\` in a terminal of their own.`;
}

export function trustCommand(workspace: Workspace, explicit: boolean): string {
  return `gractl workspace trust${explicit ? ` --workspace ${shellQuote(workspace.dir)}` : ""}`;
}
