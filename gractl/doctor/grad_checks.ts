import { VERSION } from "../../shared/version.ts";
import type { GradClient, GradInfo } from "../client/grad_client.ts";
import { failed, type Finding } from "./check.ts";

/**
 * Whether grad can be reached, and then what grad finds out about what its runners need: only grad knows its backend, and the
 * environment that it runs in. Never throws for what is wrong.
 *
 * @param connect starts the local grad where it is not running
 */
export async function gradChecks(
  connect: () => Promise<GradClient>,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  let client: GradClient;
  try {
    client = await connect();
  } catch (thrown) {
    return [failed("grad", thrown)];
  }
  await using grad = client;
  const reached = describe(grad.info);
  try {
    const checks = await grad.system.diagnose(signal);
    return [
      reached,
      ...checks.map(({ id, state, ...check }) => ({
        ...check,
        name: id,
        // A state that this version does not know is shown, and does not make the others fail.
        state: state === "unspecified" ? "warning" as const : state,
      })),
    ];
  } catch (thrown) {
    return [reached, failed("diagnosis", thrown)];
  }
}

/** An API that does not fit has already failed at the connection; another version with the same API works. */
function describe({ version, backend, owner }: GradInfo): Finding {
  const base = { name: "grad", title: "grad", message: `${version}, ${backend}, you are ${owner}` };
  if (version === VERSION) return { ...base, state: "ok", hint: "" };
  return {
    ...base,
    state: "warning",
    message: `${base.message}; gractl is ${VERSION}`,
    hint:
      "Install the same version of both; `gractl grad stop` ends an old local grad, and keeps its runners.",
  };
}
