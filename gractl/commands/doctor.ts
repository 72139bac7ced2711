import { Command } from "@commander-js/extra-typings";
import type { Deps } from "../deps.ts";
import { type Check, type Finding, perform } from "../doctor/check.ts";
import { printable } from "../ui/printable.ts";
import type { Style } from "../ui/style.ts";

async function allChecks(deps: Deps): Promise<readonly Check[]> {
  const { workspaceChecks } = await import("../doctor/workspace_checks.ts");
  const { readDatasets } = await import("../workspace/workspace.ts");
  const { resolveCredentials } = await import("../datasets/credentials/resolve.ts");
  const { machineChecks } = await import("../doctor/machine_checks.ts");
  const workspace = await workspaceChecks({
    workspace: deps.workspace,
    datasets: readDatasets,
    keys: (dataset) => resolveCredentials(dataset, deps.env),
    clock: deps.clock,
  });
  const address = await deps.address().catch(() => "local");
  const { processes, env, signal } = deps;
  const machine = address === "local" ? machineChecks({ processes, env, uid: Deno.uid() ?? 0, signal }) : [];
  const grad: Check = {
    name: "grad",
    async look() {
      await using client = address === "local"
        ? await deps.localGrad().connect(signal)
        : await deps.connect();
      const { version, backend, owner } = client.info;
      return `${version}, ${backend}, you are ${owner}`;
    },
  };
  return [...workspace, ...machine, grad];
}

function findingText({ name, ok, message, hint }: Finding, width: number, style: Style): string {
  const sign = ok ? style.green("ok    ") : style.red("failed");
  const lines = message.split("\n").map(printable);
  const rest = lines.slice(1).map((line) => `\n        ${line}`).join("");
  return `${sign}  ${name.padEnd(width)}  ${lines[0]}${rest}${
    hint === "" ? "" : `\n        hint: ${printable(hint)}`
  }`;
}

/** `gractl doctor`: looks at everything that a first call needs, and says what to do about what is wrong. */
export function doctor(deps: Deps) {
  return new Command("doctor").description("Look for what is wrong: workspace, keys, this machine, grad")
    .action(async () => {
      const findings: Finding[] = [];
      const checks = await allChecks(deps);
      for (const check of checks) {
        deps.out.progress(`looking at ${check.name}…`);
        findings.push(await perform(check));
        deps.signal.throwIfAborted();
      }
      deps.out.progress(undefined);
      const ok = findings.every((finding) => finding.ok);
      const checked = findings.map(({ hint, ...finding }) => ({
        ...finding,
        hint: hint === "" ? null : hint,
      }));
      deps.out.document("Doctor", { ok, checks: checked }, () => {
        const width = Math.max(...findings.map(({ name }) => name.length));
        return findings.map((finding) => findingText(finding, width, deps.out.style)).join("\n");
      });
      if (!ok) deps.endWith(3);
    });
}
