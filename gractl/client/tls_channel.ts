import { Buffer } from "node:buffer";
import { isIP } from "node:net";
import { checkServerIdentity, getCACertificates } from "node:tls";
import { type ChannelCredentials, type ChannelOptions, credentials } from "@grpc/grpc-js";

/** A grad of the network, and what its certificate must be. */
export type NetworkServer = Readonly<{
  /** A DNS name or an IP address, without brackets. */
  host: string;
  port: number;
  /** The CA's certificates in PEM; empty means those that the system trusts. */
  authority: string;
  /** The name that the certificate must have; empty means the host. */
  serverName: string;
}>;

export type TlsChannel = Readonly<{
  /** Of a channel of grpc-js. */
  target: string;
  /** For people: `https://host:port`. */
  address: string;
  channelCredentials: ChannelCredentials;
  channelOptions: Partial<ChannelOptions>;
}>;

/**
 * Where a connection has no traffic for so long, it is tested, and closed where nobody answers: so a laptop that was asleep notices that its
 * connection is gone before its calls time out.
 */
const KEEPALIVE = { "grpc.keepalive_time_ms": 20_000, "grpc.keepalive_timeout_ms": 10_000 };

/** For the TLS extension that names the server, which may not be an address. Verification does not use it. */
const NAME_OF_ADDRESS = "address.invalid";

/** How to connect to a server, and to verify that it is the one that is meant. */
export function tlsChannel({ host, port, authority, serverName }: NetworkServer): TlsChannel {
  const at = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const roots = Buffer.from(authority === "" ? getCACertificates("system").join("\n") : authority);
  const address = `https://${at}`;
  // The scheme is spelled out: a host may be called "unix".
  const target = `dns:///${at}`;
  if (serverName === "" && isIP(host) !== 0) {
    // TLS has no names that are addresses, and Deno refuses them: the address is compared with the certificate here.
    const verifyOptions = {
      checkServerIdentity: (_: string, certificate: Parameters<typeof checkServerIdentity>[1]) =>
        checkServerIdentity(host, certificate),
    };
    return {
      target,
      address,
      channelCredentials: credentials.createSsl(roots, null, null, verifyOptions),
      channelOptions: { ...KEEPALIVE, "grpc.ssl_target_name_override": NAME_OF_ADDRESS },
    };
  }
  return {
    target,
    address,
    channelCredentials: credentials.createSsl(roots),
    channelOptions: {
      ...KEEPALIVE,
      ...serverName === "" ? {} : { "grpc.ssl_target_name_override": serverName },
    },
  };
}
