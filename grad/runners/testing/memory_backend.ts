import { type AgentVolume, agentVolume, fakeAgent } from "../../agent/testing/fake_agent.ts";
import {
  attachedVersion,
  fakeDataComponent,
  type FakeMounts,
  fakeMounts,
} from "../../agent/testing/fake_data_component.ts";
import { reports } from "./reports.ts";
import { ABSENT, type Components, type RunnerBackend } from "../backend.ts";

/** What is there when grad ends: share one between several backends to have several instances of grad on one machine. */
export type Machine = {
  volumes: Map<string, AgentVolume>;
  /** Mounts end with the components. */
  mounts: Map<string, FakeMounts>;
  up: Map<string, Components>;
  /** How often components were started that were not up. */
  starts: number;
  /** Called with the id of a runner that crashes. */
  watchers: Set<(id: string) => void>;
};

export function machine(): Machine {
  return { volumes: new Map(), mounts: new Map(), up: new Map(), starts: 0, watchers: new Set() };
}

/** Runners that are entries in maps. `crash` takes the components of one away, as a machine that is lost would. */
export function memoryBackend(on: Machine = machine()): RunnerBackend & { crash(id: string): Promise<void> } {
  return {
    name: "memory",
    components: ["agent", "kernel"],
    pollMs: 20,
    recreatesLost: false,
    apply({ id }, signal) {
      if (signal.aborted) return Promise.reject(signal.reason);
      if (on.up.has(id)) return Promise.resolve();
      on.starts++;
      const volume = on.volumes.get(id) ?? agentVolume();
      on.volumes.set(id, volume);
      on.mounts.set(id, fakeMounts());
      on.up.set(id, components(on, id, volume));
      return Promise.resolve();
    },
    observe: (id) =>
      Promise.resolve(
        on.up.has(id)
          ? { ...ABSENT, state: "running", stage: "waiting_for_kernels", image: "memory" }
          : ABSENT,
      ),
    watch: (signal) => reports(on.watchers, signal),
    // The same clients for as long as the components run; without components, clients whose calls fail.
    connect: ({ id }) => Promise.resolve(on.up.get(id) ?? components(on, id, agentVolume())),
    stop: (id) => Promise.resolve(void on.up.delete(id)),
    deleteVolume: (id) => Promise.resolve(void on.volumes.delete(id)),
    inventory: () => Promise.resolve([...new Set([...on.up.keys(), ...on.volumes.keys()])]),
    async removeOrphan(id, isOrphan) {
      if (!await isOrphan()) return;
      on.up.delete(id);
      on.volumes.delete(id);
    },
    logs: () => Promise.resolve(""),
    readLogs: (id, component) =>
      Promise.resolve(on.up.has(id) ? [{ component, text: `${component} of ${id}\n`, previous: false }] : []),
    crash(id) {
      on.up.delete(id);
      on.watchers.forEach((report) => report(id));
      return Promise.resolve();
    },
  };
}

function components(on: Machine, id: string, volume: AgentVolume): Components {
  const isUp = () => on.up.get(id) === made;
  const mounts = () => on.mounts.get(id) ?? fakeMounts();
  const made: Components = {
    agent: fakeAgent(id, volume, isUp, () => attachedVersion(mounts())),
    data: fakeDataComponent(isUp, mounts),
  };
  return made;
}
