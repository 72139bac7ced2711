import { GradError, messageOf } from "../../shared/errors.ts";
import type { NetworkAddress } from "./context.ts";
import type { Context } from "./context.ts";

/** What a connection to a context's server needs, with its CA's certificates read. */
export type ServerOfContext = Readonly<{ host: string; port: number; authority: string; serverName: string }>;

/** @throws {GradError} `login_failed` where the file with the CA's certificates cannot be used */
export async function networkServer(
  context:
    & Pick<Context, "name" | "certificateAuthority" | "serverName">
    & Readonly<{ address: NetworkAddress }>,
): Promise<ServerOfContext> {
  const { address: { host, port }, serverName, certificateAuthority } = context;
  return {
    host,
    port,
    serverName,
    authority: certificateAuthority && await readAuthority(certificateAuthority),
  };
}

/** Certificates in PEM. @throws {GradError} `login_failed` */
export async function readAuthority(path: string): Promise<string> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (cause) {
    throw unusable(path, messageOf(cause));
  }
  if (!text.includes("-----BEGIN CERTIFICATE-----")) throw unusable(path, "it has no certificate in PEM");
  if (text.includes("PRIVATE KEY-----")) {
    throw unusable(path, "it has a private key, which nobody but its owner may have");
  }
  return text;
}

function unusable(path: string, why: string): GradError {
  return new GradError("login_failed", `Cannot use the CA's certificates in "${path}": ${why}`, {
    hint: "Ask grad's operator for the certificates of its CA, and log in again with --ca-file.",
  });
}
