import { Command } from "@commander-js/extra-typings";
import { GradError } from "../../shared/errors.ts";
import { checkName } from "../../shared/names.ts";
import { parseSize } from "../../shared/size.ts";
import type { Network, RunnerSpec } from "../client/runners.ts";
import type { Deps } from "../deps.ts";
import { showStart } from "../execution/start_progress.ts";
import { runnerFields, runnerText } from "../documents/runner_document.ts";
import { runnerRef } from "./runner_ref.ts";

/** Sizes travel in 2^20 bytes, in 32 bits. */
const MAX_MIB = 2 ** 32 - 1;

function mib(what: string): (text: string) => number {
  return (text) => {
    const size = Math.floor(parseSize(text) / 2 ** 20);
    if (size >= 1 && size <= MAX_MIB) return size;
    throw new GradError("invalid_argument", `Cannot give a runner ${text} of ${what}`, {
      hint: "Give at least 1MiB, e.g. 4GiB.",
    });
  };
}

function cpuMillis(text: string): number {
  const millis = /^\d+(\.\d+)?$/.test(text) ? Math.round(Number(text) * 1_000) : NaN;
  if (millis >= 1 && millis <= 1_000_000) return millis;
  throw new GradError("invalid_argument", `Cannot give a runner ${JSON.stringify(text)} cores`, {
    hint: "Give a number of cores, e.g. 2 or 0.5.",
  });
}

function network(text: string): Network {
  if (text === "none" || text === "full") return text;
  throw new GradError("usage", `Cannot use ${JSON.stringify(text)} as the network: it is none or full`);
}

/** `gractl runner create`: makes a runner with wishes of its own; execute-code makes the usual one by itself. */
export function runnerCreate(deps: Deps) {
  return new Command("create").description("Make a runner, or find that it is there")
    .argument("<name>", "name of the runner")
    .option("--cpu <cores>", "cores, e.g. 2 or 0.5 (default: the environment's)", cpuMillis)
    .option("--memory <size>", "memory for all code, e.g. 4GiB (default: the environment's)", mib("memory"))
    .option("--storage <size>", "space for files, e.g. 10GiB (default: the environment's)", mib("storage"))
    .option("--network <kind>", "what code reaches: none or full (default: none)", network)
    .option("--environment <name>", "what it is made from (default: grad's default)")
    .action(async (name, options) => {
      const ref = await runnerRef(deps, checkName("runner", name));
      const spec: RunnerSpec = {
        environment: options.environment ?? "",
        resources: {
          cpuMillis: options.cpu ?? 0,
          memoryMib: options.memory ?? 0,
          storageMib: options.storage ?? 0,
        },
        network: options.network ?? "none",
      };
      await using client = await deps.connect();
      await using _ = showStart({ out: deps.out, clock: deps.clock, runners: client.runners }, ref);
      const { runner, created } = await client.runners.create(ref, spec, deps.signal);
      deps.out.document("Runner", { ...runnerFields(runner), created }, () => {
        const text = runnerText(runner, { style: deps.out.style, now: deps.clock.now() });
        return `${created ? "Made" : "There is already"} ${name}.\n\n${text}`;
      });
    });
}
