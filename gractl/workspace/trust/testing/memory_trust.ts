import type { Decision } from "../decision_file.ts";
import { createTrust, type Trust, type TrustOptions } from "../trust.ts";
import type { TrustStore } from "../trust_store.ts";

/** Decisions in memory. */
export function memoryTrustStore(): TrustStore & { readonly decisions: Map<string, Decision> } {
  const decisions = new Map<string, Decision>();
  return {
    decisions,
    read: (path) => Promise.resolve(decisions.get(path)),
    update(path, change) {
      const changed = change(decisions.get(path));
      if (changed === undefined) decisions.delete(path);
      else decisions.set(path, changed);
      return Promise.resolve();
    },
    all: () => Promise.resolve([...decisions.values()]),
  };
}

/** Nothing is trusted but what tests or commands approve. */
export function memoryTrust(options: Partial<TrustOptions> = {}): Trust {
  return createTrust({
    store: memoryTrustStore(),
    ownFolders: [],
    agent: undefined,
    explicit: () => false,
    ...options,
  });
}

/** Everything that is asked for is trusted. */
export function trustingAll(): Trust {
  const trust = memoryTrust();
  async function approve(...[workspace, use]: Parameters<Trust["stateOf"]>): Promise<void> {
    await trust.approve(workspace, (await trust.stateOf(workspace, use)).wanted);
  }
  return {
    ...trust,
    async stateOf(workspace, use) {
      await approve(workspace, use);
      return await trust.stateOf(workspace, use);
    },
    async require(workspace, use) {
      await approve(workspace, use);
      return await trust.require(workspace, use);
    },
  };
}
