import { GradError } from "../../shared/errors.ts";
import type { Processes } from "../../shared/process.ts";
import { TOKEN_AUDIENCE } from "../../shared/token_audience.ts";
import type { ServiceAccount } from "./context.ts";

/** How long a token is valid that gractl asks for, in seconds. gractl renews it, so that a stolen one is soon worth nothing. */
export const TOKEN_SECONDS = 3_600;
/** Of one request of kubectl; it has no limit of its own. */
const REQUEST_TIMEOUT = "--request-timeout=20s";

/** Which cluster kubectl uses. Empty texts mean kubectl's own default. */
export type Cluster = Pick<ServiceAccount, "kubeContext" | "kubeconfig">;

/** What gractl asks of Kubernetes, with the user's own rights. Every call may throw GradError `login_failed`. */
export interface Kubectl {
  /** Name of the context that kubectl uses where none is named. */
  currentContext(kubeconfig: string, signal: AbortSignal): Promise<string>;
  /** A new token of a service account, for grad alone. */
  createToken(account: ServiceAccount, signal: AbortSignal): Promise<string>;
  /** One key of a ConfigMap; `undefined` where the ConfigMap does not exist or does not have the key. */
  readConfigMap(
    at: Cluster & Readonly<{ namespace: string; name: string; key: string }>,
    signal: AbortSignal,
  ): Promise<string | undefined>;
}

export type KubectlOptions = Readonly<{
  processes: Pick<Processes, "run">;
  /** For kubectl: its plug-ins for authentication may need any of it. */
  env: Readonly<Record<string, string>>;
}>;

/** Runs kubectl from PATH, so that every way to authenticate that the user has set up works here as well. */
export function systemKubectl({ processes, env }: KubectlOptions): Kubectl {
  const { GRACTL_TOKEN: _, ...usable } = env;

  async function run(args: readonly string[], kubeconfig: string, signal: AbortSignal) {
    return await processes.run(["kubectl", ...args], {
      env: kubeconfig === "" ? usable : { ...usable, KUBECONFIG: kubeconfig },
      signal,
    });
  }
  const of = ({ kubeContext }: Cluster) => kubeContext === "" ? [] : [`--context=${kubeContext}`];

  return {
    async currentContext(kubeconfig, signal) {
      const { exitCode, stdout, stderr } = await run(["config", "current-context"], kubeconfig, signal);
      if (exitCode !== 0) throw failed("Cannot find the current cluster", { exitCode, stderr });
      return stdout.trim();
    },
    async createToken(account, signal) {
      const { namespace, name } = account;
      const args = [
        ...["create", "token", name, `--namespace=${namespace}`, ...of(account)],
        ...[`--audience=${TOKEN_AUDIENCE}`, `--duration=${TOKEN_SECONDS}s`, REQUEST_TIMEOUT],
      ];
      const { exitCode, stdout, stderr } = await run(args, account.kubeconfig, signal);
      if (exitCode === 0) return stdout.trim();
      throw failed(`Cannot get a token for the service account "${namespace}/${name}"`, { exitCode, stderr });
    },
    async readConfigMap(at, signal) {
      const { namespace, name, key } = at;
      const args = ["get", "configmap", name, `--namespace=${namespace}`, ...of(at), "--ignore-not-found"];
      const { exitCode, stdout, stderr } = await run(
        [...args, "--output=json", REQUEST_TIMEOUT],
        at.kubeconfig,
        signal,
      );
      if (exitCode !== 0) {
        throw failed(`Cannot read the ConfigMap "${namespace}/${name}"`, { exitCode, stderr });
      }
      if (stdout.trim() === "") return undefined;
      const value = (JSON.parse(stdout) as { data?: Record<string, unknown> }).data?.[key];
      return typeof value === "string" ? value : undefined;
    },
  };
}

/** What the end of kubectl's output says, without what it prints for its developers. */
function failed(what: string, { exitCode, stderr }: { exitCode: number; stderr: string }): GradError {
  const lines = stderr.trim().split("\n").filter((line) => !/^[EWI]\d{4} /.test(line));
  const said = lines.slice(-3).join("; ").slice(-600) || `exit code ${exitCode}`;
  const hint = exitCode === 127
    ? "Install kubectl and put it on PATH; or use a token of your own with `gractl login <context> --token-file <file>`."
    : /forbidden/i.test(said)
    ? "Ask the cluster's operator for the right to create tokens of this service account (serviceaccounts/token)."
    : "Check kubectl with `kubectl cluster-info`; --kube-context names another cluster.";
  return new GradError("login_failed", `${what} by kubectl: ${said}`, { hint });
}
