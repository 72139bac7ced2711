import type { V1Pod } from "@kubernetes/client-node";
import { GradError } from "../../../shared/errors.ts";
import type { ComponentTls } from "../../agent/component_tls.ts";
import type { Components } from "../backend.ts";
import type { Identity } from "./identity.ts";
import { AGENT_PORT, DATA_PORT, serverName } from "./manifests/layout.ts";

/** Components whose connections can be closed. */
export type ClosableComponents = Readonly<
  { [Component in keyof Components]: Components[Component] & { close(): void } }
>;

/** Makes ways to talk to the components at "host:port". Connects when they are first used. */
export type Connect = (
  at: Readonly<{ agent: string; data: string; tls: ComponentTls }>,
) => ClosableComponents;

export type ConnectionsOptions = Readonly<{
  connect: Connect;
  /** The same object until it is renewed. */
  identity: () => Promise<Identity>;
  getPod: (id: string) => Promise<V1Pod | undefined>;
}>;

type Connected = Readonly<{ address: string; identity: Identity; components: ClosableComponents }>;

/**
 * Connections to the components of runners. Which address a pod has is an optimisation only: a pod at another address has no
 * certificate for this runner's name. While pods are watched, a connection is used until its pod changes; else each use asks the API.
 */
export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #connected = new Map<string, Connected>();
  #watched = false;

  constructor(options: ConnectionsOptions) {
    this.#options = options;
  }

  /** @throws {GradError} `runner_unavailable` where the pod has no address, or is ending */
  async to(id: string): Promise<Components> {
    const { connect, identity: identities, getPod } = this.#options;
    const identity = await identities();
    const known = this.#connected.get(id);
    if (this.#watched && known?.identity === identity) return known.components;
    const address = addressOf(await getPod(id));
    if (address === undefined) {
      this.drop(id);
      throw new GradError("runner_unavailable", "Cannot reach the runner: its pod has no address yet", {
        hint: "Call again.",
      });
    }
    // Another call may have connected in the meantime.
    const now = this.#connected.get(id);
    if (now?.address === address && now.identity === identity) return now.components;
    this.drop(id);
    const host = address.includes(":") ? `[${address}]` : address;
    const { authority, client } = identity;
    const components = connect({
      agent: `${host}:${AGENT_PORT}`,
      data: `${host}:${DATA_PORT}`,
      tls: { authority: authority.certificate, ...client, serverName: serverName(id) },
    });
    this.#connected.set(id, { address, identity, components });
    return components;
  }

  /** Closes the connections to a runner's components. */
  drop(id: string): void {
    const { components } = this.#connected.get(id) ?? {};
    this.#connected.delete(id);
    components?.agent.close();
    components?.data.close();
  }

  /** To be called when the watch has ended: from then on changes are missed. */
  unwatched(): void {
    this.#watched = false;
  }

  /** To be called with all pods of runners, by runner, from whose state on changes are watched. */
  listed(pods: ReadonlyMap<string, V1Pod>): void {
    for (const id of this.#connected.keys()) this.changed(id, pods.get(id));
    this.#watched = true;
  }

  /** To be called with each pod that has changed; `undefined` for one that is gone. */
  changed(id: string, pod: V1Pod | undefined): void {
    const known = this.#connected.get(id);
    if (known !== undefined && addressOf(pod) !== known.address) this.drop(id);
  }
}

/** The address of a pod whose components may answer. */
function addressOf(pod: V1Pod | undefined): string | undefined {
  const { podIP, phase } = pod?.status ?? {};
  const ended = pod?.metadata?.deletionTimestamp !== undefined || phase === "Succeeded" || phase === "Failed";
  return ended || podIP === "" ? undefined : podIP;
}
