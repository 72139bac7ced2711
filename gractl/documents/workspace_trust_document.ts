import { describeGrant } from "../workspace/trust/grant.ts";
import type { TrustState } from "../workspace/trust/trust.ts";
import { printable } from "../ui/printable.ts";
import type { Workspace } from "../workspace/workspace.ts";
import type { DocumentFields } from "./schema/documents.ts";

/** Fields of kind WorkspaceTrust. */
export function trustFields(
  { dir, id }: Workspace,
  trust: TrustState,
  { changed }: { changed: boolean },
): DocumentFields<"WorkspaceTrust"> {
  return { dir, id, ...trustStateFields(trust), changed };
}

/** The same in kind WorkspaceStatus. */
export function trustStateFields(
  { state, wanted, missing, elsewhere }: TrustState,
): Omit<DocumentFields<"WorkspaceTrust">, "dir" | "id" | "changed"> {
  return { state, wanted, missing, elsewhere };
}

/** A line for each thing that the workspace asks for; "+" marks what is not trusted. */
export function trustText({ wanted, missing }: TrustState): string {
  if (wanted.length === 0) return "  nothing outside of it";
  return wanted.map((grant) => `  ${missing.includes(grant) ? "+" : " "} ${printable(describeGrant(grant))}`)
    .join(
      "\n",
    );
}

/** Lines about other workspaces of the same id. */
export function warnOfCopies({ elsewhere }: TrustState): readonly string[] {
  if (elsewhere.length === 0) return [];
  const paths = elsewhere.map((path) => `"${printable(path)}"`).join(" and ");
  return [`It has the id of the workspace in ${paths}, so that its code runs in the same runners.`];
}
