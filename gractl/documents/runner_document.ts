import { formatSize } from "../../shared/size.ts";
import type { Runner } from "../client/runners.ts";
import { age, until } from "../ui/age.ts";
import { printable } from "../ui/printable.ts";
import type { Style } from "../ui/style.ts";
import { type Cell, renderFields, renderTable } from "../ui/tables.ts";
import type { ItemFields } from "./schema/documents.ts";
import type { WorkspaceFolders } from "../workspace/trust/workspace_folders.ts";
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
    pauseAt: instant(runner.pauseAt),
    destroyAt: instant(runner.destroyAt),
    pausedAt: instant(runner.pausedAt),
    lostSessions: runner.lostSessions,
  };
}

/** What the last pause has cost; empty when nothing. */
export function lostText({ lostSessions }: Runner): string {
  if (lostSessions.length === 0) return "";
  return `The variables of these sessions are lost: ${
    lostSessions.map((name) => printable(name)).join(", ")
  }.`;
}

/** What grad does with the runner where nobody uses it: "paused in 11h"; `undefined` where it does nothing. */
export function ifUnusedText(
  { pauseAt, destroyAt }: Pick<Runner, "pauseAt" | "destroyAt">,
  now: number,
): string | undefined {
  if (destroyAt !== undefined) return `destroyed with its files ${until(destroyAt, now)}`;
  return pauseAt === undefined ? undefined : `paused ${until(pauseAt, now)}`;
}

/** For people: a lost runner is one that has stopped; nothing but variables is lost. */
function phaseText({ phase }: Pick<Runner, "phase">): string {
  return phase === "lost" ? "stopped" : phase;
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
    ["phase", phaseText(runner)],
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
    ["paused", runner.pausedAt?.toISOString()],
    ["lost variables", runner.lostSessions.join(", ")],
    ["if unused", ifUnusedText(runner, now)],
    ["agent", runner.agentVersion],
    ["backend", runner.backend],
  ], style);
  if (runner.datasets.length === 0) return fields;
  const rows = runner.datasets.map((each) => [each.name, each.state, each.path, each.errorMessage]);
  return `${fields}\n\n${renderTable(["DATASET", "STATE", "PATH", "ERROR"], rows, { style, empty: "" })}`;
}

type TableOptions = Readonly<{
  style: Style;
  now: number;
  allWorkspaces: boolean;
  allOwners?: boolean | undefined;
  /** Folders of workspaces by id, as far as they are known on this machine: shown where they are given. */
  folders?: WorkspaceFolders | undefined;
}>;

const HEADINGS = ["NAME", "PHASE", "AGE", "ACTIVE", "MESSAGE"];

/** What stands before the name: as `--of` takes it, where there are several owners. */
function firstHeadings({ allWorkspaces, allOwners, folders }: TableOptions): readonly string[] {
  if (allOwners) return ["OWNER/WORKSPACE"];
  return [...allWorkspaces ? ["WORKSPACE"] : [], ...folders === undefined ? [] : ["FOLDER"]];
}

function folderText(folders: WorkspaceFolders, workspaceId: string): string {
  const known = folders.get(workspaceId) ?? [];
  const existing = known.find(({ exists }) => exists) ?? known[0];
  if (existing === undefined) return "-";
  return existing.exists ? existing.path : `deleted: ${existing.path}`;
}

function row(runner: Runner, { now, allWorkspaces, allOwners, folders }: TableOptions): readonly Cell[] {
  const { workspaceId } = runner.ref;
  return [
    ...(allOwners ? [`${runner.owner}/${workspaceId}`] : allWorkspaces ? [workspaceId] : []),
    ...(folders === undefined ? [] : [folderText(folders, workspaceId)]),
    runner.ref.name,
    phaseText(runner),
    age(runner.createdAt, now),
    age(runner.lastActiveAt, now),
    runner.phaseMessage,
  ];
}

/** Runners as a table, with the workspace of each under `allWorkspaces`. */
export function runnerTable(runners: readonly Runner[], options: TableOptions): string {
  const headings = [...firstHeadings(options), ...HEADINGS];
  const rows = runners.map((runner) => row(runner, options));
  return renderTable(headings, rows, {
    style: options.style,
    empty: "No runners. `gractl execute-code` creates one.",
  });
}

/** Rows of a table that grows: each column has a width of its own, so that later rows stand below earlier ones. */
export function changesText(
  runners: readonly Runner[],
  { headings, ...options }: TableOptions & Readonly<{ headings: boolean }>,
): string {
  const widths = [...options.allOwners ? [60] : options.allWorkspaces ? [19] : [], 20, 10, 4, 6];
  const line = (cells: readonly Cell[]) =>
    cells.map((cell, at) => printable(String(cell || "-")).padEnd(widths[at] ?? 0)).join("  ").trimEnd();
  const named = [...firstHeadings(options), ...HEADINGS];
  return [
    ...headings ? [options.style.dim(line(named))] : [],
    ...runners.map((runner) => line(row(runner, options))),
  ].join("\n");
}
