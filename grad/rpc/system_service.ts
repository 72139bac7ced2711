import { DiagnosticCheck_State, type SystemServiceServer } from "../../proto/gen/grad/v1/system.ts";
import { enumNumbers } from "../../shared/enum_names.ts";
import { GradError } from "../../shared/errors.ts";
import { API, VERSION } from "../../shared/version.ts";
import type { Diagnose } from "../diagnostics/diagnose.ts";
import type { UnaryEdge } from "./unary.ts";

export type System = Readonly<{ backend: string; environments: readonly string[]; instance: string }>;

const STATE = enumNumbers(DiagnosticCheck_State, "STATE_");

export function systemService(edge: UnaryEdge, system: System, diagnose: Diagnose): SystemServiceServer {
  return {
    handshake: edge.serve("Handshake", ({ caller: { owner }, note }, { api, clientVersion }) => {
      note({ client: clientVersion.slice(0, 40) });
      checkApi(api, clientVersion);
      const { backend, environments, instance } = system;
      return { serverVersion: VERSION, api: API, backend, owner, environments: [...environments], instance };
    }),
    diagnose: edge.serve("Diagnose", async (context) => {
      const findings = await diagnose.run(context);
      return { checks: findings.map((finding) => ({ ...finding, state: STATE[finding.state] })) };
    }),
  };
}

function checkApi(api: number, clientVersion: string): void {
  if (api === API) return;
  const older = api < API ? "gractl" : "grad";
  throw new GradError(
    "version_mismatch",
    `Cannot serve client ${
      JSON.stringify(clientVersion.slice(0, 40))
    }: it uses API ${api}, and grad ${VERSION} has API ${API}`,
    { hint: `Update ${older}; \`gractl grad stop\` ends an old local grad.` },
  );
}
