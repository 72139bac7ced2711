import { printable } from "../ui/printable.ts";
import type { Style } from "../ui/style.ts";
import { renderFields, renderTable } from "../ui/tables.ts";
import { datasetFields, mountPath } from "./dataset_document.ts";
import { instant } from "./instant.ts";
import { ifUnusedText } from "./runner_document.ts";
import { renderFault } from "../../shared/yaml/fault.ts";
import type { LoadedDataset } from "../workspace/load_datasets.ts";
import { typeOf } from "../datasets/sources/source_registry.ts";
import { trustStateFields, trustText } from "./workspace_trust_document.ts";
import type { GradState, RunnerState, WorkspaceStatus } from "../status/workspace_status.ts";
import type { DocumentFields } from "./schema/documents.ts";
import { errorFields } from "../ui/render_error.ts";

/** Fields of kind WorkspaceStatus. */
export function statusFields(
  { workspace, grad, runner, datasets, trust }: WorkspaceStatus,
): DocumentFields<"WorkspaceStatus"> {
  const { dir, id, session } = workspace;
  return {
    dir,
    id,
    session,
    grad: gradFields(grad),
    runner: { ...runner, pauseAt: instant(runner.pauseAt), destroyAt: instant(runner.destroyAt) },
    datasets: datasets.map(({ dataset, name, file, faults }) =>
      dataset === undefined ? { name, file, faults } : { ...datasetFields(dataset), faults }
    ),
    trust: trustStateFields(trust),
    valid: datasets.every(({ dataset }) => dataset !== undefined),
  };
}

function gradFields(grad: GradState): DocumentFields<"WorkspaceStatus">["grad"] {
  if (grad.reachable) return grad;
  const { error, context, address } = grad;
  return { context, address, reachable: false, ...(error === undefined ? {} : errorFields(error)) };
}

/** The same as text. */
export function statusText(
  { workspace, grad, runner, datasets, trust }: WorkspaceStatus,
  { style, now }: Readonly<{ style: Style; now: number }>,
): string {
  const faults = datasets.flatMap((each) => each.faults).map((each) => printable(renderFault(each)));
  return [
    renderFields([
      ["Workspace", workspace.dir],
      ["Id", workspace.id],
      ["grad", gradText(grad)],
      ["Runner", runnerText(runner, now)],
      ["Session", workspace.session],
      ["Trust", TRUST[trust.state]],
    ], style),
    "",
    renderTable(["DATASET", "TYPE", "LOCATION", "IN CODE"], datasets.map(row), {
      style,
      empty: "No datasets. Add one with `gractl dataset add NAME s3://BUCKET/PREFIX`.",
    }),
    ...(trust.state === "trusted" ? [] : [
      "",
      'It asks for what you have not allowed ("+"); `gractl workspace trust` allows it:',
      trustText(trust),
    ]),
    ...(faults.length === 0 ? [] : [
      "",
      `Code cannot run before ${faults.length === 1 ? "this is" : `these ${faults.length} are`} corrected:`,
      ...faults,
    ]),
  ].join("\n");
}

const TRUST = {
  trusted: "you trust it",
  changed: "it asks for more than you trust it with",
  untrusted: "you have not trusted it here; code cannot run",
} as const;

function row({ dataset, name, faults }: LoadedDataset): readonly string[] {
  if (dataset === undefined) {
    return [name, "?", faults.length === 1 ? "1 fault" : `${faults.length} faults`, "-"];
  }
  const { source } = dataset;
  return [name, source.type, typeOf(source).location(source), mountPath(name)];
}

function gradText(grad: GradState): string {
  const named = grad.context === grad.address ? grad.address : `${grad.context} at ${grad.address}`;
  if (grad.reachable) return `${named}, version ${grad.version}, ${grad.backend} backend`;
  if (grad.error === undefined) return `${named}, not running; the next command that needs it starts it`;
  // What the workspace asks for is listed below.
  if (grad.error.code === "workspace_untrusted") {
    return `${named}, not asked, because you do not trust the workspace`;
  }
  return `${named}, not reachable: ${grad.error.message}`;
}

function runnerText(runner: RunnerState, now: number): string {
  const { name, phase, message } = runner;
  const state = {
    none: "does not exist; the next execution creates it",
    unknown: "unknown, because grad was not asked",
  };
  const text = phase === "none" || phase === "unknown" ? state[phase] : phase;
  const unused = ifUnusedText(runner, now);
  return `${name}, ${text}${message && `: ${message}`}${
    unused === undefined ? "" : `; if unused, it is ${unused}`
  }`;
}
