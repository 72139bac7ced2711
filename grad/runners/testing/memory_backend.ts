import type { Components, RunnerBackend } from "../backend.ts";
import { type AgentVolume, agentVolume, fakeAgent } from "../../agent/testing/fake_agent.ts";
import {
  attachedVersion,
  fakeDataComponent,
  type FakeMounts,
  fakeMounts,
} from "../../agent/testing/fake_data_component.ts";

/** What a machine keeps when grad ends: share one between two backends to play a restart of grad. */
export type Machine = {
  volumes: Map<string, AgentVolume>;
  /** Mounts end with the components. */
  mounts: Map<string, FakeMounts>;
  up: Set<string>;
  starts: number;
};

export function machine(): Machine {
  return { volumes: new Map(), mounts: new Map(), up: new Set(), starts: 0 };
}

/** Runners that are entries in maps. `crash` takes the components of one away, as a lost machine would. */
export function memoryBackend(on: Machine = machine()): RunnerBackend & { crash(id: string): Promise<void> } {
  const connected = new Map<string, Components>();
  return {
    name: "memory",
    start({ id }) {
      if (!on.up.has(id)) {
        on.starts++;
        on.mounts.set(id, fakeMounts());
      }
      if (!on.volumes.has(id)) on.volumes.set(id, agentVolume());
      on.up.add(id);
      return Promise.resolve();
    },
    inspect: (id) => {
      const component = (name: string) => ({ name, alive: true, restarts: 0, lastExit: "" });
      return Promise.resolve(on.up.has(id) ? ["data", "kernel", "agent"].map(component) : undefined);
    },
    components(id) {
      const known = connected.get(id);
      if (known !== undefined) return known;
      const isUp = () => on.up.has(id);
      const volume = on.volumes.get(id) ?? agentVolume();
      const mounts = () => on.mounts.get(id) ?? fakeMounts();
      const attached = () => attachedVersion(mounts());
      const components = {
        agent: fakeAgent(id, volume, isUp, attached),
        data: fakeDataComponent(isUp, mounts),
      };
      if (on.volumes.has(id)) connected.set(id, components);
      return components;
    },
    stop: (id) => Promise.resolve(void on.up.delete(id)),
    deleteFiles(id) {
      connected.delete(id);
      return Promise.resolve(void on.volumes.delete(id));
    },
    logTail: () => Promise.resolve(""),
    crash: (id) => Promise.resolve(void on.up.delete(id)),
  };
}
