import type { ComponentName, ComponentProcess } from "./components.ts";
import { killProcess, peakMemoryBytes, type ProcessInfo } from "./proc.ts";

/** Of the outermost process of each component. */
const COMMANDS: Readonly<Record<ComponentName, RegExp>> = {
  agent: /^\S*python\S* .*grad_runner\.agent /,
  data: /^\S*python\S* .*grad_runner\.data /,
  kernel: /^bwrap .*grad_runner\.kernel /,
};

/** A component of the runner `id` among the processes. */
export function localComponent(
  processes: readonly ProcessInfo[],
  id: string,
  name: ComponentName,
): ComponentProcess | undefined {
  const found = processes.find(({ argv }) => argv.includes(`/${id}/`) && COMMANDS[name].test(argv));
  if (found === undefined) return undefined;
  return {
    id: `${found.pid}/${found.startTicks}`,
    peakMemoryBytes: peakMemoryBytes(found.pid),
    // deno-lint-ignore require-await
    kill: async () => killProcess(found),
  };
}
