import { addressText, type Context } from "../auth/context.ts";
import type { Style } from "../ui/style.ts";
import { renderTable } from "../ui/tables.ts";
import type { ItemFields } from "./schema/documents.ts";

/** A context in kind ContextList. */
export function contextFields(context: Context): ItemFields<"ContextList"> {
  const { name, address, certificateAuthority, tokenFile, file } = context;
  return {
    name,
    address: addressText(address),
    certificateAuthority: certificateAuthority || null,
    tokenFile: tokenFile || null,
    file,
  };
}

/** The same as text. */
export function contextTable(contexts: readonly Context[], style: Style): string {
  const rows = contexts.map(({ name, address, file }) => [name, addressText(address), file]);
  return renderTable(["NAME", "ADDRESS", "FILE"], rows, {
    style,
    empty: "No contexts. Without one, code runs in the grad of this machine, local.",
  });
}
