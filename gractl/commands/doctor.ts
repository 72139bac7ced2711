import { Command } from "@commander-js/extra-typings";
import { abortable } from "../../shared/abort.ts";
import type { Context, NetworkAddress } from "../auth/context.ts";
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

/** The context that is meant; `undefined` for the local grad, also where no workspace that the user trusts says which. */
async function contextOf(deps: Deps): Promise<Context | undefined> {
  const named = deps.options().context !== undefined ||
    await deps.trustedWorkspace().then(() => true, () => false);
  return named ? (await deps.target()).context : undefined;
}

/** What lies between this machine and a grad of the network. */
async function checksOfNetwork(deps: Deps, context: Context | undefined): Promise<readonly Check[]> {
  if (context?.address.kind !== "network") return [];
  const { networkChecks } = await import("../doctor/network_checks.ts");
  const { lookAtCertificate } = await import("../client/look_at_certificate.ts");
  const { address } = context;
  return networkChecks({ ...context, address }, {
    env: deps.env,
    clock: deps.clock,
    signal: deps.signal,
    connect,
    certificate: lookAtCertificate,
    tokens: () => deps.tokens(context),
  });
}

async function connect({ host, port }: NetworkAddress, signal: AbortSignal): Promise<void> {
  const connecting = Deno.connect({ hostname: host, port });
  // Also one that comes when nobody waits any longer.
  const closed = connecting.then((connection) => connection.close());
  await abortable(closed, signal);
}

/** `gractl doctor`: checks everything that a first call needs, and says what to do about what is wrong. */
export function doctor(deps: Deps) {
  return new Command("doctor").description(
    "Check the workspace, its keys, the way to grad, and what grad needs to run code",
  )
    .action(async () => {
      const findings: Finding[] = [];
      const target = contextOf(deps);
      // What is wrong with the context is said by the check of grad.
      const context = await target.catch(() => undefined);
      for (const check of [...await checksOfWorkspace(deps), ...await checksOfNetwork(deps, context)]) {
        deps.out.progress(`checking ${check.name}…`);
        findings.push(await perform(check));
        deps.signal.throwIfAborted();
      }
      deps.out.progress("checking grad…");
      const { gradChecks } = await import("../doctor/grad_checks.ts");
      const grad = async () =>
        await target === undefined ? await deps.localGrad().connect(deps.signal) : await deps.connect();
      findings.push(...await gradChecks(grad, deps.signal));
      deps.signal.throwIfAborted();
      deps.out.progress(undefined);
      deps.out.document("Doctor", doctorFields(findings), () => doctorText(findings, deps.out.style));
      if (findings.some(({ state }) => state === "failed")) deps.endWith(3);
    });
}
