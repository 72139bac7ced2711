import { Command } from "@commander-js/extra-typings";
import { abortable } from "../../shared/abort.ts";
import type { Context, NetworkAddress } from "../auth/context.ts";
import type { GradClient } from "../client/grad_client.ts";
import type { Deps } from "../deps.ts";

import { type Check, type Finding, perform } from "../doctor/check.ts";
import { runnerRef } from "./runner_ref.ts";
import { doctorFields, doctorText } from "../documents/doctor_document.ts";

async function checksOfWorkspace(deps: Deps): Promise<readonly Check[]> {
  const { workspaceChecks } = await import("../doctor/workspace_checks.ts");
  const { readDatasets } = await import("../workspace/workspace.ts");
  const { resolveCredentials } = await import("../datasets/credentials/resolve.ts");
  const { requireFolder } = await import("../datasets/check_added.ts");
  return await workspaceChecks({
    workspace: deps.workspace,
    datasets: readDatasets,
    trusted: (workspace, datasets) => deps.trust().require(workspace, { grad: true, datasets }),
    keys: (dataset) => resolveCredentials(dataset, deps.env),
    folder: async (dataset, path) => {
      // A folder of a grad elsewhere is not on this machine.
      if (await contextOf(deps).catch(() => undefined) === undefined) await requireFolder(dataset, path);
      return path;
    },
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

/** What the workspace's runner has attached, where it is up: nothing is started to find out. */
async function datasetFindings(deps: Deps, connect: () => Promise<GradClient>): Promise<readonly Finding[]> {
  try {
    const { readDatasets } = await import("../workspace/workspace.ts");
    const ref = await runnerRef(deps, undefined);
    const described = (await readDatasets(await deps.workspace())).map(({ name }) => name);
    await using grad = await connect();
    const { datasets } = await grad.runners.get(ref, deps.signal);
    const shown = datasets.filter(({ name }) => described.includes(name));
    return shown.map(({ name, state, errorMessage, errorHint }) => {
      const isAway = state !== "mounted";
      return {
        name: `dataset ${name}`,
        title: `dataset ${name}`,
        state: state === "failed" ? "failed" : isAway ? "warning" : "ok",
        message: isAway ? errorMessage || "is being mounted" : `readable in ${ref.name}`,
        hint: isAway ? errorHint : "",
      };
    });
  } catch {
    // No runner yet, no workspace, no grad: other checks say so.
    return [];
  }
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
      findings.push(...await datasetFindings(deps, grad));
      deps.signal.throwIfAborted();
      deps.out.progress(undefined);
      deps.out.document("Doctor", doctorFields(findings), () => doctorText(findings, deps.out.style));
      if (findings.some(({ state }) => state === "failed")) deps.endWith(3);
    });
}
