import { GradError } from "../../shared/errors.ts";

/** Where a grad listens: a unix socket of this machine, or a server of the network, always with TLS. */
export type Address =
  | Readonly<{ kind: "unix"; path: string }>
  | Readonly<{ kind: "network"; host: string; port: number }>;

/** A grad by name, in the user's own configuration. */
export type Context = Readonly<{
  /** The file that describes it, absolute. */
  file: string;
  name: string;
  address: Address;
  /** Absolute path of the CA's certificates in PEM; empty means those of the system. */
  certificateAuthority: string;
  /** Absolute path of a file with the token; empty means none. */
  tokenFile: string;
}>;

/** The name for the grad of this machine, which no context may have. */
export const LOCAL = "local";

/** As a context's file has it. */
export function addressText(address: Address): string {
  if (address.kind === "unix") return `unix:${address.path}`;
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  return `https://${host}${address.port === 443 ? "" : `:${address.port}`}`;
}

/**
 * The socket of a context. grads of the network are described by contexts already, but there is none to connect to yet: neither grad's
 * listener with TLS nor the login exists.
 *
 * @throws {GradError} `context_unsupported`
 */
export function socketPath({ name, address }: Context): string {
  if (address.kind === "unix") return address.path;
  throw new GradError(
    "context_unsupported",
    `Cannot use the context "${name}": this version of gractl connects to grads of this machine only, not to ${
      addressText(address)
    }`,
    { hint: "Use the grad of this machine with `--context local`." },
  );
}
