import { isIP } from "node:net";
import { checkServerIdentity, connect, getCACertificates } from "node:tls";
import { GradError } from "../../shared/errors.ts";
import type { NetworkServer } from "./tls_channel.ts";

/** What a server's certificate says. */
export type ServerCertificate = Readonly<{
  /** Names and addresses that it is for, as OpenSSL prints them. */
  names: string;
  validFromMs: number;
  validUntilMs: number;
  /** It is signed by the context's CA, and valid now. */
  trusted: boolean;
  /** It is for the name or the address of the context. */
  forThisName: boolean;
}>;

/**
 * Reads the certificate of a server whether it can be trusted or not, to say what is wrong with it. Nothing is sent to the server.
 *
 * @throws {GradError} `grad_unavailable`, `certificate_invalid` where it does not answer with TLS, or the signal's reason
 */
export function lookAtCertificate(server: NetworkServer, signal: AbortSignal): Promise<ServerCertificate> {
  const { host, port, authority, serverName } = server;
  const name = serverName || host;
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const socket = connect({
      ...{ host, port, rejectUnauthorized: false, ALPNProtocols: ["h2"] },
      ca: authority === "" ? getCACertificates("system") : authority,
      ...isIP(name) === 0 ? { servername: name } : {},
    });
    const settle = (how: () => void) => {
      signal.removeEventListener("abort", onAbort);
      socket.destroy();
      how();
    };
    const onAbort = () => settle(() => reject(signal.reason));
    signal.addEventListener("abort", onAbort, { once: true });
    socket.once("secureConnect", () => {
      const certificate = socket.getPeerCertificate();
      const forThisName = checkServerIdentity(name, certificate) === undefined;
      // Whether the name fits is looked at apart.
      const fault = String(socket.authorizationError ?? "");
      settle(() =>
        resolve({
          names: certificate.subjectaltname ?? "",
          validFromMs: Date.parse(certificate.valid_from),
          validUntilMs: Date.parse(certificate.valid_to),
          trusted: socket.authorized || fault.includes("ALTNAME"),
          forThisName,
        })
      );
    });
    socket.once(
      "error",
      (thrown: Error & { code?: string }) => settle(() => reject(toError(thrown, server))),
    );
    // A server that takes the connection and ends it.
    socket.once("end", () => settle(() => reject(toError(new Error("it closed the connection"), server))));
  });
}

function toError(thrown: Error & { code?: string }, { host, port }: NetworkServer): GradError {
  const at = `https://${host.includes(":") ? `[${host}]` : host}:${port}`;
  if (/wrong version number|InvalidContentType|corrupt message/i.test(thrown.message)) {
    return new GradError("certificate_invalid", `${at} does not answer with TLS`, {
      hint: "Compare the port with the one that grad's operator gives you.",
    });
  }
  return new GradError("grad_unavailable", `Cannot reach ${at}: ${thrown.message}`, { cause: thrown });
}
