import { formatSize } from "../../shared/size.ts";
import type { Runner } from "../client/runners.ts";
import { age } from "../ui/age.ts";
import type { Style } from "../ui/style.ts";
import { renderFields, renderTable } from "../ui/tables.ts";
import type { ItemFields } from "./schema/documents.ts";
import { instant } from "./instant.ts";

/** Fields of kind Runner. */
export function runnerFields(runner: Runner): ItemFields<"RunnerList"> {
  const {
    id,
    ref,
    owner,
    phase,
    stage,
    reason,
    phaseMessage,
    spec,
    lastActivity,
    agentVersion,
    backend,
    tombstone,
  } = runner;
  return {
    id,
    name: ref.name,
    workspaceId: ref.workspaceId,
    owner,
    phase,
    stage,
    reason,
    phaseMessage,
    spec,
    createdAt: instant(runner.createdAt),
    lastActiveAt: instant(runner.lastActiveAt),
    lastActivity,
    datasets: runner.datasets.map(({ name, state, path, errorCode, errorMessage, errorHint }) => ({
      name,
      state,
      path,
      error: errorCode === "" ? null : { code: errorCode, message: errorMessage, hint: errorHint },
    })),
    tombstone: tombstone === undefined ? null : { ...tombstone, endedAt: instant(tombstone.endedAt) },
    agentVersion,
    backend,
  };
}

/** One runner as text. */
export function runnerText(runner: Runner, { style, now }: { style: Style; now: number }): string {
  const { spec, tombstone } = runner;
  const ended = tombstone &&
    `${tombstone.reason} by ${tombstone.endedBy}, ${
      age(tombstone.endedAt, now) ?? "?"
    } ago. ${tombstone.message}`;
  const size = (mib: number) => mib === 0 ? undefined : formatSize(mib * 2 ** 20);
  const cores = spec.resources.cpuMillis / 1_000;
  const active = age(runner.lastActiveAt, now);
  const fields = renderFields([
    ["name", runner.ref.name],
    ["id", runner.id],
    ["phase", runner.phase],
    ["stage", runner.stage === "none" ? undefined : runner.stage],
    ["reason", runner.reason === "none" ? undefined : runner.reason],
    ["message", runner.phaseMessage],
    ["ended", ended?.trim()],
    ["environment", spec.environment],
    ["cpu", cores === 0 ? undefined : cores === 1 ? "1 core" : `${cores} cores`],
    ["memory", size(spec.resources.memoryMib)],
    ["storage", size(spec.resources.storageMib)],
    ["network", spec.network],
    ["created", runner.createdAt?.toISOString()],
    [
      "last active",
      active && `${active} ago${runner.lastActivity === "" ? "" : ` (${runner.lastActivity})`}`,
    ],
    ["agent", runner.agentVersion],
    ["backend", runner.backend],
  ], style);
  if (runner.datasets.length === 0) return fields;
  const rows = runner.datasets.map((each) => [each.name, each.state, each.path, each.errorMessage]);
  return `${fields}\n\n${renderTable(["DATASET", "STATE", "PATH", "ERROR"], rows, { style, empty: "" })}`;
}

/** Runners as a table, with the workspace of each under `allWorkspaces`. */
export function runnerTable(
  runners: readonly Runner[],
  { style, now, allWorkspaces }: { style: Style; now: number; allWorkspaces: boolean },
): string {
  const rows = runners.map((runner) => [
    ...(allWorkspaces ? [runner.ref.workspaceId] : []),
    runner.ref.name,
    runner.phase,
    age(runner.createdAt, now),
    age(runner.lastActiveAt, now),
    runner.phaseMessage,
  ]);
  const headings = ["NAME", "PHASE", "AGE", "ACTIVE", "MESSAGE"];
  return renderTable(allWorkspaces ? ["WORKSPACE", ...headings] : headings, rows, {
    style,
    empty: "No runners. `gractl execute-code` creates one.",
  });
}
