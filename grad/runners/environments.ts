import { GradError } from "../../shared/errors.ts";
import type { Resources, RunnerSpec } from "./runner.ts";

/** What a runner of an environment may request. */
export type Environment = Readonly<{
  /** Of a runner that requests none. */
  default: Resources;
  /** No bound where it is undefined. */
  largest?: Resources | undefined;
  /** Whether user code may have the network. */
  egress: boolean;
}>;

/** The environments by name, the default one first. */
export type Environments = ReadonlyMap<string, Environment>;

/** Below this the launcher itself does not live. */
const MIN_MEMORY_MIB = 64;

/** The specification with all defaults filled in. @throws {GradError} `environment_not_found`, `invalid_argument` */
export function fillSpec(asked: RunnerSpec | undefined, environments: Environments): RunnerSpec {
  const [first = "default"] = environments.keys();
  const environment = asked?.environment || first;
  const found = environments.get(environment);
  if (found === undefined) {
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
  const resources = {
    cpuMillis: cpuMillis || found.default.cpuMillis,
    memoryMib: memoryMib || found.default.memoryMib,
    storageMib: storageMib || found.default.storageMib,
  };
  const network = asked?.network ?? "none";
  checkAllowed(environment, found, { resources, network });
  return { environment, resources, network };
}

/** What is shown of each resource. */
const SHOWN: readonly (readonly [keyof Resources, string])[] = [
  ["cpuMillis", "thousandths of a core"],
  ["memoryMib", "MiB of memory"],
  ["storageMib", "MiB of storage"],
];

/** @throws {GradError} `invalid_argument` */
function checkAllowed(
  name: string,
  { largest, egress }: Environment,
  { resources, network }: Pick<RunnerSpec, "resources" | "network">,
): void {
  for (const [resource, unit] of SHOWN) {
    const most = largest?.[resource];
    if (most === undefined || resources[resource] <= most) continue;
    throw new GradError(
      "invalid_argument",
      `Cannot make a runner with ${
        resources[resource]
      } ${unit}: ${most} are the most in the environment "${name}"`,
      { hint: "Request less, or use another environment." },
    );
  }
  if (network === "full" && !egress) {
    throw new GradError(
      "invalid_argument",
      `Cannot make a runner with a network: the environment "${name}" allows none`,
      { hint: "Leave `--network full` out, or use an environment with `egress: true`." },
    );
  }
}

export function sameSpec(a: RunnerSpec, b: RunnerSpec): boolean {
  return a.environment === b.environment && a.network === b.network &&
    a.resources.cpuMillis === b.resources.cpuMillis && a.resources.memoryMib === b.resources.memoryMib &&
    a.resources.storageMib === b.resources.storageMib;
}
