import { GradError } from "../../shared/errors.ts";
import type { Resources, RunnerSpec } from "./runner.ts";

/** The environments by name, the default one first, each with the resources of a runner that requests none. */
export type Environments = ReadonlyMap<string, Resources>;

/** Below this the launcher itself does not live. */
const MIN_MEMORY_MIB = 64;

/** The specification with all defaults filled in. @throws {GradError} `environment_not_found`, `invalid_argument` */
export function fillSpec(asked: RunnerSpec | undefined, environments: Environments): RunnerSpec {
  const [first = "default"] = environments.keys();
  const environment = asked?.environment || first;
  const defaults = environments.get(environment);
  if (defaults === undefined) {
    throw new GradError(
      "environment_not_found",
      `Cannot find the environment ${JSON.stringify(environment)}`,
      {
        hint: `There are: ${[...environments.keys()].join(", ")}.`,
      },
    );
  }
  const { cpuMillis = 0, memoryMib = 0, storageMib = 0 } = asked?.resources ?? {};
  if (memoryMib !== 0 && memoryMib < MIN_MEMORY_MIB) {
    throw new GradError(
      "invalid_argument",
      `Cannot make a runner with ${memoryMib} MiB of memory: ${MIN_MEMORY_MIB} is the least`,
    );
  }
  return {
    environment,
    resources: {
      cpuMillis: cpuMillis || defaults.cpuMillis,
      memoryMib: memoryMib || defaults.memoryMib,
      storageMib: storageMib || defaults.storageMib,
    },
    network: asked?.network ?? "none",
  };
}

export function sameSpec(a: RunnerSpec, b: RunnerSpec): boolean {
  return a.environment === b.environment && a.network === b.network &&
    a.resources.cpuMillis === b.resources.cpuMillis && a.resources.memoryMib === b.resources.memoryMib &&
    a.resources.storageMib === b.resources.storageMib;
}
