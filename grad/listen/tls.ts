import { experimental } from "@grpc/grpc-js";
import { Buffer } from "node:buffer";
import type { CertificateFiles } from "./certificate_files.ts";
import { bindServer, type Listener } from "./listener.ts";

/**
 * Listens with TLS. A certificate that is renewed is used for connections that are made from then on; those that there are stay.
 * @param certificate of which `load` has succeeded
 */
export function tlsListener(
  at: Readonly<{ hostname: string; port: number }>,
  certificate: CertificateFiles,
): Listener {
  const host = at.hostname.includes(":") ? `[${at.hostname}]` : at.hostname;
  return {
    callersBy: "token",
    async bind(server) {
      const listeners = new Map<experimental.IdentityCertificateUpdateListener, Disposable>();
      const provider: experimental.CertificateProvider = {
        addIdentityCertificateListener(listener) {
          // grpc-js takes a pair only after this call has returned.
          const watching = certificate.watch(({ certificate, key }) =>
            queueMicrotask(() =>
              listener({ certificate: Buffer.from(certificate), privateKey: Buffer.from(key) })
            )
          );
          listeners.set(listener, watching);
        },
        removeIdentityCertificateListener(listener) {
          listeners.get(listener)?.[Symbol.dispose]();
          listeners.delete(listener);
        },
        // Clients are known by their tokens, not by certificates.
        addCaCertificateListener() {},
        removeCaCertificateListener() {},
      };
      // Its types name the first two parameters the other way round.
      const credentials = experimental.createCertificateProviderServerCredentials(provider, null, false);
      return `${host}:${await bindServer(server, `${host}:${at.port}`, credentials)}`;
    },
    async [Symbol.asyncDispose]() {},
  };
}
