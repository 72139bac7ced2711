import { formatDuration } from "../../shared/duration.ts";
import type { Clock } from "../../shared/clock.ts";
import { GradError } from "../../shared/errors.ts";
import type { DatasetFile } from "../workspace/dataset_file.ts";
import type { Workspace } from "../workspace/workspace.ts";
import type { Check } from "./check.ts";

export type WorkspaceSources = Readonly<{
  workspace(): Promise<Workspace>;
  datasets(workspace: Workspace): Promise<readonly DatasetFile[]>;
  /** @throws {GradError} `workspace_untrusted` where the user does not trust the workspace with these datasets and its grad */
  trusted(workspace: Workspace, datasets: readonly DatasetFile[]): Promise<readonly DatasetFile[]>;
  /** Keys of a dataset, `undefined` for none needed; only their expiry is used. */
  keys(dataset: DatasetFile): Promise<{ expiresAtSeconds: number } | undefined>;
  /** The folder of a dataset. @throws {GradError} `dataset_invalid` where it is not there */
  folder(dataset: string, path: string): Promise<string>;
  clock: Clock;
}>;

/** The workspace, its files, whether the user trusts it, and then whether each dataset's keys are on this machine. */
export async function workspaceChecks(sources: WorkspaceSources): Promise<readonly Check[]> {
  const checks: Check[] = [{ name: "workspace", run: async () => (await sources.workspace()).dir }];
  const workspace = await sources.workspace().catch(() => undefined);
  if (workspace === undefined) return checks;
  const files = sources.datasets(workspace);
  checks.push({
    name: "datasets",
    async run() {
      const names = (await files).map(({ name }) => name);
      return names.length === 0 ? "none described" : names.join(", ");
    },
  });
  const described = await files.catch(() => []);
  const trusted = sources.trusted(workspace, described);
  checks.push({ name: "trust", run: () => trusted.then(() => "you trust it") });
  // The workspace chooses the profile, and a profile may run a program.
  const usable = await trusted.catch(() => []);
  for (const dataset of usable) {
    const { source } = dataset;
    if (source.type === "directory") {
      checks.push({
        name: `folder of ${dataset.name}`,
        run: () => sources.folder(dataset.name, source.path),
      });
      continue;
    }
    checks.push({
      name: `keys of ${dataset.name}`,
      run: async () => describeKeys(await sources.keys(dataset), sources.clock),
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
