import { Command } from "@commander-js/extra-typings";
import { GradError } from "../../shared/errors.ts";
import type { Deps } from "../deps.ts";
import type { TrustState } from "../workspace/trust/trust.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { printable } from "../ui/printable.ts";

/** `gractl workspace trust`: shows what the workspace asks for, and trusts it with that. */
export function workspaceTrust(deps: Deps) {
  return new Command("trust")
    .description("Show what the workspace asks for, and allow it: folders, S3 locations and keys, grad")
    .option("--yes", "do not ask; for scripts that have read what it asks for", false)
    .option("--revoke", "forget that the workspace is trusted", false)
    .action(async ({ yes, revoke }) => {
      const { readDatasets } = await import("../workspace/workspace.ts");
      const { trustFields, trustText } = await import("../documents/workspace_trust_document.ts");
      const workspace = await deps.workspace();
      const trust = deps.trust();
      if (revoke) {
        const revoked = await trust.revoke(workspace);
        const state = await trust.stateOf(workspace, { grad: true, datasets: [] });
        deps.out.document(
          "WorkspaceTrust",
          trustFields(workspace, state, { changed: revoked }),
          () => revoked ? `${workspace.dir} is not trusted any more.` : `${workspace.dir} was not trusted.`,
        );
        return;
      }
      const use = { grad: true, datasets: await readDatasets(workspace) };
      const before = await trust.stateOf(workspace, use);
      if (before.state === "trusted") {
        deps.out.document(
          "WorkspaceTrust",
          trustFields(workspace, before, { changed: false }),
          () => `You trust ${workspace.dir} already, with:\n${trustText(before)}`,
        );
        return;
      }
      await confirm(deps, { workspace, state: before, list: trustText(before), yes });
      // What was shown, whatever the files say by now.
      await trust.approve(workspace, before.wanted);
      const after: TrustState = { ...before, state: "trusted", missing: [] };
      deps.out.document(
        "WorkspaceTrust",
        trustFields(workspace, after, { changed: true }),
        () => `You trust ${workspace.dir} now${yes ? `, with:\n${trustText(after)}` : "."}`,
      );
    });
}

/** Returns when the user agrees. @throws {GradError} `permission_denied` for an agent, `usage` without a terminal, `cancelled` */
async function confirm(
  deps: Deps,
  { workspace, state, list, yes }: { workspace: Workspace; state: TrustState; list: string; yes: boolean },
): Promise<void> {
  const { agentCaller } = await import("../workspace/trust/agent_caller.ts");
  const { trustCommand } = await import("../workspace/trust/untrusted.ts");
  const command = trustCommand(workspace, deps.options().workspace !== undefined);
  const asks = `It asks for:\n${list}`;
  const agent = agentCaller(deps.env);
  if (agent !== undefined) {
    throw new GradError(
      "permission_denied",
      `Cannot trust "${workspace.dir}" for ${agent}: only its user can. ${asks}`,
      {
        hint: `Ask the user to run \`${command}\` in a terminal of their own.`,
      },
    );
  }
  if (yes) return;
  const { warnOfCopies } = await import("../documents/workspace_trust_document.ts");
  const question = [`${printable(workspace.dir)} asks for:`, list, ...warnOfCopies(state), "Trust it? [y/N] "]
    .join(
      "\n",
    );
  const answer = await deps.ask(question);
  if (answer === undefined) {
    throw new GradError(
      "usage",
      `Cannot ask whether to trust "${workspace.dir}": this is not a terminal. ${asks}`,
      {
        hint: `Run \`${command}\` in a terminal, or add --yes when you have read it.`,
      },
    );
  }
  if (/^y(es)?$/i.test(answer.trim())) return;
  throw new GradError("cancelled", `"${workspace.dir}" is not trusted: you did not answer yes`, {
    hint: "Nothing was changed.",
  });
}
