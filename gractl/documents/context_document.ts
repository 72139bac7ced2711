import { addressText, type Context } from "../auth/context.ts";
import type { LoggedIn } from "../auth/login.ts";
import { instant } from "./instant.ts";
import { formatDuration } from "../../shared/duration.ts";
import type { Style } from "../ui/style.ts";
import { renderTable } from "../ui/tables.ts";
import type { DocumentFields, ItemFields } from "./schema/documents.ts";

/** A context, and when its token expires where there is one that says so. */
export type ListedContext = Readonly<{ context: Context; tokenExpiresAtMs: number | undefined }>;

/** A context in kind ContextList. */
export function contextFields({ context, tokenExpiresAtMs }: ListedContext): ItemFields<"ContextList"> {
  const { name, address, certificateAuthority, serverName, tokenFile, serviceAccount, file } = context;
  return {
    name,
    address: addressText(address),
    certificateAuthority: certificateAuthority || null,
    serverName: serverName || null,
    tokenFile: tokenFile || null,
    serviceAccount: serviceAccount === undefined
      ? null
      : `${serviceAccount.namespace}/${serviceAccount.name}`,
    tokenExpiresAt: dateOf(tokenExpiresAtMs),
    file,
  };
}

/** The same as text. */
export function contextTable(
  contexts: readonly ListedContext[],
  { style, nowMs }: { style: Style; nowMs: number },
): string {
  const rows = contexts.map((each) => [
    each.context.name,
    addressText(each.context.address),
    tokenText(each, nowMs),
    each.context.file,
  ]);
  return renderTable(["NAME", "ADDRESS", "TOKEN", "FILE"], rows, {
    style,
    empty: "No contexts. Without one, code runs in the grad of this machine, local.",
  });
}

function tokenText({ context, tokenExpiresAtMs }: ListedContext, nowMs: number): string {
  if (context.address.kind === "unix") return "not needed";
  if (context.serviceAccount !== undefined) return "renewed by gractl";
  if (context.tokenFile === "") return "none";
  if (tokenExpiresAtMs === undefined) return "in a file";
  return tokenExpiresAtMs > nowMs ? `valid for ${formatDuration(tokenExpiresAtMs - nowMs)}` : "expired";
}

/** Fields of kind Login. */
export function loginFields({ context, info, expiresAtMs }: LoggedIn): DocumentFields<"Login"> {
  return {
    context: context.name,
    address: addressText(context.address),
    owner: info.owner,
    version: info.version,
    backend: info.backend,
    tokenFile: context.tokenFile,
    tokenExpiresAt: dateOf(expiresAtMs),
    renewed: context.serviceAccount !== undefined,
    file: context.file,
  };
}

function dateOf(ms: number | undefined): string | null {
  return ms === undefined ? null : instant(new Date(ms));
}
