/** A server of the network, always with TLS. */
export type NetworkAddress = Readonly<{ kind: "network"; host: string; port: number }>;

/** Where a grad listens: a unix socket of this machine, or a server of the network. */
export type Address = Readonly<{ kind: "unix"; path: string }> | NetworkAddress;

/** How gractl gets a new token: by kubectl, for a service account that its user may get tokens for. */
export type ServiceAccount = Readonly<{
  namespace: string;
  name: string;
  /** The context of kubectl; empty means its current one. */
  kubeContext: string;
  /** Value of KUBECONFIG for kubectl; empty means that of the environment. */
  kubeconfig: string;
}>;

/** A grad by name, in the user's own configuration. */
export type Context = Readonly<{
  /** The file that describes it, absolute. */
  file: string;
  name: string;
  address: Address;
  /** Absolute path of the CA's certificates in PEM; empty means those of the system. */
  certificateAuthority: string;
  /** The name that the server's certificate must have; empty means the address's host. */
  serverName: string;
  /** Absolute path of a file with the token; empty means none. */
  tokenFile: string;
  /** Whose tokens the file has, where gractl renews them; `undefined` where somebody else writes the file. */
  serviceAccount: ServiceAccount | undefined;
}>;

/** The name for the grad of this machine, which no context may have. */
export const LOCAL = "local";

/** As a context's file has it. */
export function addressText(address: Address): string {
  if (address.kind === "unix") return `unix:${address.path}`;
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  return `https://${host}${address.port === 443 ? "" : `:${address.port}`}`;
}
