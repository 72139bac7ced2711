import { printable } from "../ui/printable.ts";
import type { Style } from "../ui/style.ts";
import { renderFields, renderTable } from "../ui/tables.ts";
import { datasetFields, mountPath } from "./dataset_document.ts";
import { renderFault } from "../workspace/fault.ts";
import type { LoadedDataset } from "../workspace/load_datasets.ts";
import { typeOf } from "../datasets/sources/source_registry.ts";
import type { GradState, RunnerState, WorkspaceStatus } from "../status/workspace_status.ts";

/** The fields of kind WorkspaceStatus. */
export function statusFields(
  { workspace, grad, runner, datasets }: WorkspaceStatus,
): Readonly<Record<string, unknown>> {
  const { dir, id, session } = workspace;
  return {
    dir,
    id,
    session,
    grad: gradFields(grad),
    runner,
    datasets: datasets.map(({ dataset, name, file, faults }) =>
      dataset === undefined ? { name, file, faults } : { ...datasetFields(dataset), faults }
    ),
    valid: datasets.every(({ dataset }) => dataset !== undefined),
  };
}

function gradFields(grad: GradState): Readonly<Record<string, unknown>> {
  if (grad.reachable || grad.error === undefined) return grad;
  const { code, message, hint } = grad.error;
  return { ...grad, error: { code, message, hint } };
}

export function statusText({ workspace, grad, runner, datasets }: WorkspaceStatus, style: Style): string {
  const faults = datasets.flatMap((each) => each.faults).map((each) => printable(renderFault(each)));
  return [
    renderFields([
      ["Workspace", workspace.dir],
      ["Id", workspace.id],
      ["grad", gradText(grad)],
      ["Runner", runnerText(runner)],
      ["Session", workspace.session],
    ], style),
    "",
    renderTable(["DATASET", "TYPE", "PLACE", "IN CODE"], datasets.map(row), {
      style,
      empty: "No datasets. `gractl dataset add NAME s3://BUCKET/PREFIX` describes one.",
    }),
    ...(faults.length === 0 ? [] : ["", `${faults.length} to mend before code can run:`, ...faults]),
  ].join("\n");
}

function row({ dataset, name, faults }: LoadedDataset): readonly string[] {
  if (dataset === undefined) {
    return [name, "?", faults.length === 1 ? "1 fault" : `${faults.length} faults`, "-"];
  }
  const { source } = dataset;
  return [name, source.type, typeOf(source).location(source), mountPath(name)];
}

function gradText(grad: GradState): string {
  if (grad.reachable) return `${grad.address}, version ${grad.version}, ${grad.backend} backend`;
  return grad.error === undefined
    ? `${grad.address}, not running; the next execution starts it`
    : `${grad.address}, not reachable: ${grad.error.message}`;
}

function runnerText({ name, phase, message }: RunnerState): string {
  const state = {
    none: "not made yet; the next execution makes it",
    unknown: "unknown while grad does not run",
  };
  const text = phase === "none" || phase === "unknown" ? state[phase] : phase;
  return `${name}, ${text}${message && `: ${message}`}`;
}
