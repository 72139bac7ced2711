import { Command } from "@commander-js/extra-typings";
import type { GradClient } from "../client/grad_client.ts";
import type { Deps } from "../deps.ts";
import { type Check, type Finding, perform } from "../doctor/check.ts";
import { doctorFields, doctorText } from "../documents/doctor_document.ts";

async function checksOfWorkspace(deps: Deps): Promise<readonly Check[]> {
  const { workspaceChecks } = await import("../doctor/workspace_checks.ts");
  const { readDatasets } = await import("../workspace/workspace.ts");
  const { resolveCredentials } = await import("../datasets/credentials/resolve.ts");
  return await workspaceChecks({
    workspace: deps.workspace,
    datasets: readDatasets,
    trusted: (workspace, datasets) => deps.trust().require(workspace, { grad: true, datasets }),
    keys: (dataset) => resolveCredentials(dataset, deps.env),
    clock: deps.clock,
  });
}

/** Connects to the grad that is meant, or to the local one where no workspace that the user trusts says which. */
async function connect(deps: Deps): Promise<GradClient> {
  const named = deps.options().context !== undefined ||
    await deps.trustedWorkspace().then(() => true, () => false);
  const { context } = named ? await deps.target() : { context: undefined };
  return context === undefined ? await deps.localGrad().connect(deps.signal) : await deps.connect();
}

/** `gractl doctor`: checks everything that a first call needs, and says what to do about what is wrong. */
export function doctor(deps: Deps) {
  return new Command("doctor").description(
    "Check the workspace, its keys, grad, and what grad needs to run code",
  )
    .action(async () => {
      const findings: Finding[] = [];
      for (const check of await checksOfWorkspace(deps)) {
        deps.out.progress(`checking ${check.name}…`);
        findings.push(await perform(check));
        deps.signal.throwIfAborted();
      }
      deps.out.progress("checking grad…");
      const { gradChecks } = await import("../doctor/grad_checks.ts");
      findings.push(...await gradChecks(() => connect(deps), deps.signal));
      deps.signal.throwIfAborted();
      deps.out.progress(undefined);
      deps.out.document("Doctor", doctorFields(findings), () => doctorText(findings, deps.out.style));
      if (findings.some(({ state }) => state === "failed")) deps.endWith(3);
    });
}
