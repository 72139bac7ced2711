import { type Clock, systemClock } from "../../../shared/clock.ts";
import { type Ids, systemIds } from "../../../shared/ids.ts";
import { silentLogger } from "../../../shared/log.ts";
import type { RunnerBackend } from "../backend.ts";
import type { Environments } from "../environments.ts";
import { RunnerService, type ServiceOptions } from "../service.ts";
import type { RunnerStore } from "../store.ts";

export const ENVIRONMENTS: Environments = new Map([
  ["default", { default: { cpuMillis: 1000, memoryMib: 1024, storageMib: 1024 }, egress: true }],
]);

/** One instance of grad over a store and a backend that other instances may share. */
export function aService(
  options:
    & Readonly<{ store: RunnerStore; backend: RunnerBackend; clock?: Clock; ids?: Ids }>
    & Partial<Pick<ServiceOptions, "instance" | "stopping" | "log" | "idle" | "environments">>,
): RunnerService {
  return new RunnerService({
    environments: ENVIRONMENTS,
    clock: systemClock,
    ids: systemIds,
    log: silentLogger,
    instance: "test",
    stopping: new AbortController().signal,
    ...options,
  });
}
