import { formatDuration } from "../../shared/duration.ts";
import type { Clock } from "../../shared/clock.ts";
import { GradError } from "../../shared/errors.ts";
import type { DatasetFile } from "../workspace/dataset_file.ts";
import type { Workspace } from "../workspace/workspace.ts";
import type { Check } from "./check.ts";

export type WorkspaceLooks = Readonly<{
  workspace(): Promise<Workspace>;
  datasets(workspace: Workspace): Promise<readonly DatasetFile[]>;
  /** Keys of a dataset, `undefined` for none needed; only when they expire is told. */
  keys(dataset: DatasetFile): Promise<{ expiresAtSeconds: number } | undefined>;
  clock: Clock;
}>;

/** The workspace, its files, and whether each dataset's keys are on this machine. */
export async function workspaceChecks(looks: WorkspaceLooks): Promise<readonly Check[]> {
  const checks: Check[] = [{ name: "workspace", look: async () => (await looks.workspace()).dir }];
  const workspace = await looks.workspace().catch(() => undefined);
  if (workspace === undefined) return checks;
  const files = looks.datasets(workspace);
  checks.push({
    name: "datasets",
    async look() {
      const names = (await files).map(({ name }) => name);
      return names.length === 0 ? "none described" : names.join(", ");
    },
  });
  for (const dataset of await files.catch(() => [])) {
    checks.push({
      name: `keys of ${dataset.name}`,
      look: async () => describeKeys(await looks.keys(dataset), looks.clock),
    });
  }
  return checks;
}

function describeKeys(keys: { expiresAtSeconds: number } | undefined, clock: Clock): string {
  if (keys === undefined) return "none needed";
  if (keys.expiresAtSeconds === 0) return "found";
  const leftMs = keys.expiresAtSeconds * 1_000 - clock.now();
  if (leftMs > 0) return `found, good for ${formatDuration(leftMs)}`;
  throw new GradError(
    "dataset_credentials_expired",
    `Found, but they expired ${formatDuration(-leftMs)} ago`,
  );
}
