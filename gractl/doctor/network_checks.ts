import { formatDuration } from "../../shared/duration.ts";
import type { Clock } from "../../shared/clock.ts";
import { GradError, messageOf } from "../../shared/errors.ts";
import { TOKEN_AUDIENCE } from "../../shared/token_audience.ts";
import { addressText, type Context, type NetworkAddress } from "../auth/context.ts";
import { readClaims } from "../auth/jwt.ts";
import { networkServer } from "../auth/network_server.ts";
import type { ServerCertificate } from "../client/look_at_certificate.ts";
import type { NetworkServer } from "../client/tls_channel.ts";
import type { TokenSource } from "../client/token_source.ts";
import type { Check } from "./check.ts";

/** What is looked at besides the context's files. */
export type NetworkSources = Readonly<{
  env: Readonly<Record<string, string>>;
  clock: Clock;
  signal: AbortSignal;
  /** Opens a TCP connection and closes it. @throws why it cannot */
  connect(address: NetworkAddress, signal: AbortSignal): Promise<void>;
  certificate(server: NetworkServer, signal: AbortSignal): Promise<ServerCertificate>;
  tokens(): Promise<TokenSource>;
}>;

/** A server that does not answer by then is not reached. */
const CONNECT_MS = 10_000;
/** Variables by which grpc-js finds a proxy. */
const PROXIES = ["grpc_proxy", "https_proxy", "HTTPS_PROXY", "http_proxy"];

/** Each link to a grad of the network, from this machine: address, certificate, token. */
export function networkChecks(
  context: Context & Readonly<{ address: NetworkAddress }>,
  sources: NetworkSources,
): readonly Check[] {
  const { clock, signal } = sources;
  const address = addressText(context.address);

  async function within<T>(step: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const late = new AbortController();
    const bound = AbortSignal.any([signal, late.signal]);
    const timer = clock.sleep(CONNECT_MS, bound).then(() =>
      late.abort(
        new GradError("grad_unavailable", `${address} does not answer within ${CONNECT_MS / 1_000} s`, {
          hint: "Is there a firewall, or a VPN that is not connected?",
        }),
      ), () => {});
    try {
      return await step(bound);
    } finally {
      late.abort();
      await timer;
    }
  }
  const proxy = PROXIES.find((name) => (sources.env[name] ?? "") !== "");
  const direct: readonly Check[] = [
    {
      name: "address",
      run: () =>
        within(async (bound) => {
          await sources.connect(context.address, bound).catch((thrown) => {
            bound.throwIfAborted();
            throw new GradError("grad_unavailable", `Cannot connect to ${address}: ${messageOf(thrown)}`, {
              hint: `Compare the address in "${context.file}" with the one that grad's operator gives you.`,
            });
          });
          return `${address} takes connections`;
        }),
    },
    {
      name: "certificate",
      run: () =>
        within(async (bound) => {
          const server = await networkServer(context);
          return judge(await sources.certificate(server, bound), { context, nowMs: clock.now() });
        }),
    },
  ];
  return [
    // What grpc-js does with the variables of proxies is its own: the handshake says whether it works.
    ...proxy === undefined ? direct : [{
      name: "address",
      run: () => Promise.resolve(`${address}, through the proxy of ${proxy} unless no_proxy excepts it`),
    }],
    {
      name: "token",
      async run() {
        const tokens = await sources.tokens();
        return describeToken(await tokens.current(signal), {
          nowMs: clock.now(),
          remedy: tokens.remedy,
          renewed: context.serviceAccount !== undefined && !sources.env["GRACTL_TOKEN"],
        });
      },
    },
  ];
}

/** @throws {GradError} `certificate_invalid` */
function judge(
  { names, validFromMs, validUntilMs, trusted, forThisName }: ServerCertificate,
  { context, nowMs }: { context: Context & Readonly<{ address: NetworkAddress }>; nowMs: number },
): string {
  const refuse = (message: string, hint: string) => new GradError("certificate_invalid", message, { hint });
  if (nowMs >= validUntilMs) {
    throw refuse(
      `The certificate of grad expired ${formatDuration(nowMs - validUntilMs)} ago`,
      "Tell grad's operator; and is the clock of this machine right?",
    );
  }
  if (nowMs < validFromMs) {
    throw refuse(
      `The certificate of grad is valid in ${formatDuration(validFromMs - nowMs)} from now, not yet`,
      "Is the clock of this machine right?",
    );
  }
  if (!forThisName) {
    throw refuse(
      `The certificate of grad is for ${names}, not for ${context.serverName || context.address.host}`,
      "Log in again with --server-name and one of these names, if grad's operator says that it is the right server.",
    );
  }
  if (!trusted) {
    const by = context.certificateAuthority === ""
      ? "a CA that the system trusts"
      : `the CA in "${context.certificateAuthority}"`;
    throw refuse(
      `The certificate of grad is not signed by ${by}`,
      "Log in again, with the CA's certificates that grad's operator gives you (--ca-file).",
    );
  }
  return `of the right server, valid for ${daysOrLess(validUntilMs - nowMs)}`;
}

function daysOrLess(ms: number): string {
  const days = Math.floor(ms / 86_400_000);
  return days >= 2 ? `${days} days` : formatDuration(ms);
}

/** @throws {GradError} `unauthenticated` for a token that grad refuses */
function describeToken(
  token: string,
  { nowMs, remedy, renewed }: { nowMs: number; remedy: string; renewed: boolean },
): string {
  const claims = readClaims(token);
  if (claims === undefined) return "there is one, which only its issuer can read";
  const { audiences, expiresAtMs, subject } = claims;
  const refuse = (message: string) => new GradError("unauthenticated", message, { hint: remedy });
  if (audiences.length > 0 && !audiences.includes(TOKEN_AUDIENCE)) {
    throw refuse(`The token is for ${audiences.join(", ")}, not for ${TOKEN_AUDIENCE}`);
  }
  if (expiresAtMs !== undefined && expiresAtMs <= nowMs) {
    throw refuse(`The token expired ${formatDuration(nowMs - expiresAtMs)} ago`);
  }
  const left = expiresAtMs === undefined ? "" : `, valid for ${formatDuration(expiresAtMs - nowMs)}`;
  return `of ${subject || "an unnamed user"}${left}${renewed ? ", renewed by gractl" : ""}`;
}
