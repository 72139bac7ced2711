import assert from "node:assert/strict";
import type { Backend } from "./backend.ts";
import { eventually } from "./process.ts";

/** Components whose processes scenarios end or measure. */
export type ComponentName = "agent" | "data" | "kernel";

/** The process of a component as it runs now. */
export type ComponentProcess = Readonly<{
  /** Another one after a restart. */
  id: string;
  peakMemoryBytes: number;
  /** Ends it without warning. */
  kill(): Promise<void>;
}>;

/** Ends a component of the workspace's runner, as the OOM killer would, and waits until another process has its place. */
export async function killComponent(backend: Backend, cwd: string, name: ComponentName): Promise<void> {
  const before = await backend.component(cwd, name);
  assert.ok(before !== undefined, `there is no ${name} component`);
  await before.kill();
  await eventually(`another ${name} component`, async () => {
    const now = await backend.component(cwd, name);
    return now !== undefined && now.id !== before.id ? true : undefined;
  }, 60_000);
}
