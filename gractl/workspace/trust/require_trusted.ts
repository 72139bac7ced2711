import { GradError } from "../../../shared/errors.ts";
import type { Workspace } from "../workspace.ts";
import type { Trust } from "./trust.ts";

/**
 * Requires that the user trusts the workspace, and with its grad where `grad` is set. If not, the error lists all that the workspace
 * asks for, its datasets too, and not only what this command uses: people decide about the whole.
 *
 * @throws {GradError} `workspace_untrusted`, `trust_file_invalid`, `permission_denied`
 */
export async function requireTrusted(
  workspace: Workspace,
  { trust, grad }: { trust: Trust; grad: boolean },
): Promise<void> {
  try {
    await trust.require(workspace, { grad, datasets: [] });
  } catch (thrown) {
    if (!(thrown instanceof GradError) || thrown.code !== "workspace_untrusted") throw thrown;
    const { loadDatasets } = await import("../load_datasets.ts");
    const datasets = (await loadDatasets(workspace)).flatMap(({ dataset }) => dataset ?? []);
    await trust.require(workspace, { grad, datasets });
    throw thrown;
  }
}
