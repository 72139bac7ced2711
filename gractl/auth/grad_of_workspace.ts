import { GradError } from "../../shared/errors.ts";
import { LOCAL } from "./context.ts";

/** `anywhere`: where there is no workspace, the grad of this machine is meant. For commands that are about no single workspace. */
export type Anywhere = Readonly<{ anywhere: boolean }>;

/** The name of the workspace's grad: "local" or a context. @throws {GradError} as `Deps.trustedWorkspace` */
export async function gradOfWorkspace(
  deps: Readonly<{ trustedWorkspace(): Promise<Readonly<{ grad: string }>> }>,
  where: Anywhere = { anywhere: false },
): Promise<string> {
  try {
    return (await deps.trustedWorkspace()).grad;
  } catch (thrown) {
    const missing = thrown instanceof GradError && thrown.code === "workspace_not_found";
    if (where.anywhere && missing) return LOCAL;
    throw thrown;
  }
}
