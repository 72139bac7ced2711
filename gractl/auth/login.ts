import type { Clock } from "../../shared/clock.ts";
import { GradError } from "../../shared/errors.ts";
import type { Ids } from "../../shared/ids.ts";
import { TOKEN_AUDIENCE } from "../../shared/token_audience.ts";
import type { GradClient, GradInfo } from "../client/grad_client.ts";
import type { TokenSource } from "../client/token_source.ts";
import type { Context, NetworkAddress, ServiceAccount } from "./context.ts";
import { authorityFile, contextFile, makeContextFolders, saveContext, tokenFile } from "./context_files.ts";
import { contextNames, type ContextsOf } from "./context_names.ts";
import { writeToken } from "./context_tokens.ts";
import { readContext } from "./contexts.ts";
import { readClaims } from "./jwt.ts";
import type { Kubectl } from "./kubectl.ts";
import { readAuthority } from "./network_server.ts";
import { readTokenFile, tokenIn } from "./token_file.ts";

/** Where a token comes from. */
export type TokenOrigin =
  | Readonly<{ kind: "service-account"; account: ServiceAccount }>
  /** A file that somebody else writes, absolute. It is not copied. */
  | Readonly<{ kind: "file"; path: string }>
  /** Given once; gractl keeps it, and cannot renew it. */
  | Readonly<{ kind: "text"; text: string }>;

/** What the user says of a grad. What is `undefined` stays as an earlier login has left it. */
export type LoginRequest = Readonly<{
  name: string;
  address: NetworkAddress | undefined;
  serverName: string | undefined;
  /** Path of the CA's certificates, absolute. */
  authorityFile: string | undefined;
  /** Where the ConfigMap with the CA's certificates is, for a new context with a service account and no file. */
  gradNamespace: string;
  origin: TokenOrigin | undefined;
}>;

export type LoginOptions =
  & ContextsOf
  & Readonly<{
    kubectl: Kubectl;
    clock: Pick<Clock, "now">;
    ids: Ids;
    /** Connects to a server with these tokens. */
    dial(
      server: Readonly<{ host: string; port: number; authority: string; serverName: string }>,
      tokens: TokenSource,
    ): Promise<GradClient>;
    signal: AbortSignal;
  }>;

export type LoggedIn = Readonly<{
  context: Context;
  /** Who the user is to grad, and which grad it is. */
  info: GradInfo;
  /** When the token expires; `undefined` where it does not say. */
  expiresAtMs: number | undefined;
}>;

/** ConfigMap in grad's namespace with the certificates that clients verify grad by. */
const AUTHORITY_CONFIG_MAP = { name: "grad-ca", key: "ca.crt" } as const;

/**
 * Gets a token, shows it to grad, and only then writes the context with what it needs: after a failure everything is as before.
 *
 * @throws {GradError} `usage` where a new context says too little, `login_failed`, `unauthenticated`, `certificate_invalid`, `grad_unavailable`
 */
export async function logIn(request: LoginRequest, options: LoginOptions): Promise<LoggedIn> {
  const { name } = request;
  const { env, uid, kubectl, ids, signal } = options;
  const before = (await contextNames(options)).includes(name) ? await readContext(options, name) : undefined;
  const address = request.address ?? before?.address;
  if (address?.kind !== "network") throw addressMissing(name);
  const origin = request.origin ?? originOf(before);
  if (origin === undefined) throw originMissing(name);
  const serverName = request.serverName ?? before?.serverName ?? "";

  const token = await tokenOf(origin, { uid, kubectl, signal });
  checkAudience(token);
  const authority = await authorityOf(request, { before, origin, kubectl, signal });
  const tokens: TokenSource = {
    current: () => Promise.resolve(token),
    after: () => Promise.resolve(undefined),
    remedy:
      `grad verifies tokens by Kubernetes: use one of a service account of grad's cluster, with the audience "${TOKEN_AUDIENCE}".`,
  };
  const { host, port } = address;
  const client = await options.dial({ host, port, authority: authority.pem, serverName }, tokens).catch((
    thrown,
  ) => Promise.reject(untrusted(thrown, authority) ?? thrown));
  const { info } = client;
  await client[Symbol.asyncDispose]();

  makeContextFolders(options);
  const kept = origin.kind === "file" ? origin.path : tokenFile(env, name);
  if (origin.kind !== "file") writeToken(kept, token, ids);
  const context: Context = {
    file: contextFile(env, name),
    name,
    address,
    certificateAuthority: authority.copied ? authorityFile(env, name) : authority.path,
    serverName,
    tokenFile: kept,
    serviceAccount: origin.kind === "service-account" ? origin.account : undefined,
  };
  saveContext(context, authority.copied ? authority.pem : undefined, ids);
  return { context, info, expiresAtMs: readClaims(token)?.expiresAtMs };
}

function originOf(before: Context | undefined): TokenOrigin | undefined {
  if (before?.serviceAccount !== undefined) {
    return { kind: "service-account", account: before.serviceAccount };
  }
  return before === undefined || before.tokenFile === ""
    ? undefined
    : { kind: "file", path: before.tokenFile };
}

async function tokenOf(
  origin: TokenOrigin,
  { uid, kubectl, signal }: Pick<LoginOptions, "uid" | "kubectl" | "signal">,
): Promise<string> {
  switch (origin.kind) {
    case "service-account":
      return tokenIn(await kubectl.createToken(origin.account, signal), "kubectl's output");
    case "file":
      return await readTokenFile(origin.path, { uid, remedy: "Name a file that has the token alone." });
    case "text":
      return tokenIn(origin.text, "standard input");
  }
}

/** Where a token says for whom it is: grad would refuse it without saying why. */
function checkAudience(token: string): void {
  const { audiences = [] } = readClaims(token) ?? {};
  if (audiences.length === 0 || audiences.includes(TOKEN_AUDIENCE)) return;
  throw new GradError(
    "login_failed",
    `Cannot use this token: it is for ${
      audiences.map((each) => JSON.stringify(each)).join(", ")
    }, not for grad`,
    { hint: `Make one with \`kubectl create token <service account> --audience ${TOKEN_AUDIENCE}\`.` },
  );
}

/** The CA's certificates, and the file that has them; `copied` where gractl writes that file. */
type Authority = Readonly<{ pem: string; path: string; copied: boolean }>;

async function authorityOf(
  request: LoginRequest,
  { before, origin, kubectl, signal }: Readonly<{
    before: Context | undefined;
    origin: TokenOrigin;
    kubectl: Kubectl;
    signal: AbortSignal;
  }>,
): Promise<Authority> {
  if (request.authorityFile !== undefined) {
    return { pem: await readAuthority(request.authorityFile), path: request.authorityFile, copied: true };
  }
  // The CA of a cluster's grad may have changed: a login reads it again where it knows the cluster.
  if (origin.kind === "service-account") {
    const { kubeContext, kubeconfig } = origin.account;
    const at = { ...AUTHORITY_CONFIG_MAP, namespace: request.gradNamespace, kubeContext, kubeconfig };
    const pem = await kubectl.readConfigMap(at, signal).catch((thrown) => {
      // Without the right to read it, the certificates may be those of the system, or there from before.
      if (thrown instanceof GradError && /forbidden/i.test(thrown.message)) return undefined;
      throw thrown;
    });
    if (pem !== undefined) return { pem, path: "", copied: true };
  }
  const path = before?.certificateAuthority ?? "";
  return { pem: path === "" ? "" : await readAuthority(path), path, copied: false };
}

/** What a new user can do about a certificate that does not fit. */
function untrusted(thrown: unknown, { pem }: Authority): GradError | undefined {
  if (!(thrown instanceof GradError) || thrown.code !== "certificate_invalid") return undefined;
  const hint = pem === ""
    ? "Name a file with the certificates of grad's CA by --ca-file; without one those of the system count."
    : "Compare address, --server-name and --ca-file with what grad's operator gives you.";
  return new GradError(thrown.code, thrown.message, { hint, cause: thrown });
}

function addressMissing(name: string): GradError {
  return new GradError(
    "usage",
    `Cannot log in to "${name}": you have no context of this name, and its address is not given`,
    {
      hint: "Add --address https://<host>:<port>; grad's operator knows it.",
    },
  );
}

function originMissing(name: string): GradError {
  return new GradError("usage", `Cannot log in to "${name}": nothing says where your token comes from`, {
    hint: "Add --service-account <namespace>/<name>, --token-file <path> or --token-stdin.",
  });
}
