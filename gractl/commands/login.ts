import { resolve } from "node:path";
import { Command } from "@commander-js/extra-typings";
import { formatDuration } from "../../shared/duration.ts";
import { GradError } from "../../shared/errors.ts";
import { checkName } from "../../shared/names.ts";
import type { NetworkAddress, ServiceAccount } from "../auth/context.ts";
import type { LoggedIn, TokenOrigin } from "../auth/login.ts";
import type { Deps } from "../deps.ts";

/** Above this standard input is no token. */
const MAX_TOKEN_BYTES = 16 * 1024;

type Options = Readonly<{
  address?: string;
  serviceAccount?: string;
  kubeContext?: string;
  tokenFile?: string;
  tokenStdin?: true;
  caFile?: string;
  serverName?: string;
  gradNamespace: string;
}>;

/** `gractl login CONTEXT`: gets a token for a grad of the network, and makes or updates the context. */
export function login(deps: Deps) {
  return new Command("login")
    .description("Log in to a grad of the network, and make a context of it")
    .argument("<context>", "name of the context; one that exists keeps what is not given")
    .option("--address <url>", "where grad listens: https://host:port")
    .option(
      "--service-account <namespace/name>",
      "get tokens of this service account with kubectl, and renew them",
    )
    .option("--kube-context <name>", "kubectl's context (default: its current one)")
    .option("--token-file <path>", "use the token in this file, which somebody else renews")
    .option("--token-stdin", "read a token from standard input; gractl cannot renew it")
    .option(
      "--ca-file <path>",
      "certificates of grad's CA (default: of ConfigMap grad-ca, else the system's)",
    )
    .option("--server-name <name>", "name in grad's certificate (default: the address's host)")
    .option("--grad-namespace <name>", "namespace of ConfigMap grad-ca", "grad")
    .action(async (context, options: Options) => {
      checkName("context", context);
      await refuseAgents(deps, context, options);
      const { logIn } = await import("../auth/login.ts");
      const { loginFields } = await import("../documents/context_document.ts");
      deps.out.progress("logging in…");
      const loggedIn = await logIn({
        name: context,
        address: options.address === undefined ? undefined : await networkAddress(options.address),
        serverName: options.serverName === undefined ? undefined : await serverName(options.serverName),
        authorityFile: options.caFile === undefined ? undefined : resolve(deps.cwd, options.caFile),
        gradNamespace: options.gradNamespace,
        origin: await originOf(deps, options),
      }, { ...deps, kubectl: deps.kubectl(), signal: deps.signal, dial: deps.dialNetwork });
      deps.out.progress(undefined);
      deps.out.document("Login", loginFields(loggedIn), () => text(loggedIn, deps.clock.now()));
    });
}

/** A name that the user trusts leads to where a login says, so an agent must not say it. To renew the token changes nothing. */
async function refuseAgents(deps: Deps, context: string, options: Options): Promise<void> {
  const { agentCaller } = await import("../workspace/trust/agent_caller.ts");
  const agent = agentCaller(deps.env);
  const { address, serviceAccount, kubeContext, tokenFile, tokenStdin, caFile, serverName } = options;
  const given = [address, serviceAccount, kubeContext, tokenFile, tokenStdin, caFile, serverName];
  if (agent === undefined || given.every((each) => each === undefined)) return;
  throw new GradError(
    "permission_denied",
    `Cannot log in to "${context}" for ${agent}: only its user can say where a context leads`,
    {
      hint: "Ask the user to run this command in a terminal of their own.",
    },
  );
}

async function networkAddress(text: string): Promise<NetworkAddress> {
  const { parseAddress } = await import("../auth/context_schema.ts");
  const address = parseAddress(text);
  if ("kind" in address && address.kind === "network") return address;
  const fault = "fault" in address ? address.fault : "is of this machine, which needs no login";
  throw new GradError("usage", `Cannot log in: the address ${JSON.stringify(text)} ${fault}`, {
    hint: "Write https://<host>:<port>.",
  });
}

async function serverName(text: string): Promise<string> {
  const { HOST } = await import("../auth/context_schema.ts");
  if (HOST.test(text)) return text;
  throw new GradError("usage", `Cannot log in: ${JSON.stringify(text)} is not the name of a server`, {
    hint: "Write a DNS name that grad's certificate has.",
  });
}

/** Where the token comes from, by the options; `undefined` where none says it. */
async function originOf(deps: Deps, options: Options): Promise<TokenOrigin | undefined> {
  const { serviceAccount, tokenFile, tokenStdin, kubeContext } = options;
  const given = [serviceAccount, tokenFile, tokenStdin].filter((each) => each !== undefined);
  if (given.length > 1) {
    throw new GradError("usage", "Cannot log in with several tokens", {
      hint: "Give one of --service-account, --token-file and --token-stdin.",
    });
  }
  if (kubeContext !== undefined && serviceAccount === undefined) {
    throw new GradError("usage", "Cannot use --kube-context without --service-account", {
      hint: "Add --service-account <namespace>/<name>.",
    });
  }
  if (serviceAccount !== undefined) {
    return { kind: "service-account", account: await accountOf(deps, serviceAccount, kubeContext) };
  }
  if (tokenFile !== undefined) return { kind: "file", path: resolve(deps.cwd, tokenFile) };
  if (tokenStdin === undefined) return undefined;
  return { kind: "text", text: new TextDecoder().decode(await deps.readStdin(MAX_TOKEN_BYTES)) };
}

/** Which cluster is meant is written down, so that a renewal in another shell asks the same one. */
async function accountOf(deps: Deps, text: string, kubeContext: string | undefined): Promise<ServiceAccount> {
  const { KUBERNETES_NAME } = await import("../auth/context_schema.ts");
  const [namespace = "", name = "", ...more] = text.split("/");
  if (more.length > 0 || !KUBERNETES_NAME.test(namespace) || !KUBERNETES_NAME.test(name)) {
    throw new GradError("usage", `Cannot log in: ${JSON.stringify(text)} is not a service account`, {
      hint: "Write --service-account <namespace>/<name>.",
    });
  }
  const kubeconfig = deps.env["KUBECONFIG"] ?? "";
  // In a pod kubectl has no contexts, and uses the account of the pod.
  const current = () => deps.kubectl().currentContext(kubeconfig, deps.signal).catch(() => "");
  return { namespace, name, kubeContext: kubeContext ?? await current(), kubeconfig };
}

function text({ context, info, expiresAtMs }: LoggedIn, nowMs: number): string {
  const left = expiresAtMs === undefined ? "" : `, valid for ${formatDuration(expiresAtMs - nowMs)}`;
  const renewal = context.serviceAccount !== undefined
    ? "gractl renews it with kubectl"
    : "gractl cannot renew it";
  return [
    `Logged in to the grad "${context.name}" as ${info.owner}.`,
    `The token is in ${context.tokenFile}${left}; ${renewal}.`,
    "Next:",
    `  gractl context use ${context.name}`,
  ].join("\n");
}
