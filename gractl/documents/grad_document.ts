import type { LocalGradStatus } from "../local_grad/local_grad.ts";
import type { Style } from "../ui/style.ts";
import { renderFields } from "../ui/tables.ts";
import type { DocumentFields } from "./schema/documents.ts";

/** Fields of kind GradStatus. */
export function gradFields(status: LocalGradStatus): DocumentFields<"GradStatus"> {
  const { running, address, stateDir, logFile, pid, info } = status;
  return {
    running,
    address,
    pid: pid ?? null,
    version: info?.version ?? null,
    api: info?.api ?? null,
    backend: info?.backend ?? null,
    owner: info?.owner ?? null,
    environments: info?.environments ?? [],
    stateDir,
    logFile,
  };
}

/** The same as text. */
export function gradText(status: LocalGradStatus, style: Style): string {
  const { info } = status;
  return renderFields([
    ["grad", status.running ? "running" : "not running"],
    ["address", status.address],
    ["process", status.pid],
    ["version", info?.version],
    ["backend", info?.backend],
    ["owner", info?.owner],
    ["environments", info?.environments.join(", ")],
    ["state", status.stateDir],
    ["log", status.logFile],
  ], style);
}
