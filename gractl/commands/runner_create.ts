import { Command } from "@commander-js/extra-typings";
import { GradError } from "../../shared/errors.ts";
import { checkName } from "../../shared/names.ts";
import { parseSize } from "../../shared/size.ts";
import type { Network, RunnerSpec } from "../client/runners.ts";
import type { Deps } from "../deps.ts";
import { showStart } from "../execution/start_progress.ts";
import { runnerRef } from "./runner_ref.ts";

/** Sizes are sent as MiB in 32 bits. */
const MAX_MIB = 2 ** 32 - 1;

function mib(what: string): (text: string) => number {
  return (text) => {
    const size = Math.floor(parseSize(text) / 2 ** 20);
    if (size >= 1 && size <= MAX_MIB) return size;
    throw new GradError("invalid_argument", `Cannot create a runner with ${text} of ${what}`, {
      hint: "Use at least 1MiB, such as 4GiB.",
    });
  };
}

function cpuMillis(text: string): number {
  const millis = /^\d+(\.\d+)?$/.test(text) ? Math.round(Number(text) * 1_000) : NaN;
  if (millis >= 1 && millis <= 1_000_000) return millis;
  throw new GradError("invalid_argument", `Cannot create a runner with ${JSON.stringify(text)} CPU cores`, {
    hint: "Use a number such as 2 or 0.5.",
  });
}

function network(text: string): Network {
  if (text === "none" || text === "full") return text;
  throw new GradError("usage", `Cannot use ${JSON.stringify(text)} as the network: it must be none or full`);
}

/** `gractl runner create`: for a runner with other resources than the default one, which execute-code creates when needed. */
export function runnerCreate(deps: Deps) {
  return new Command("create").description("Create a runner, if it does not exist yet")
    .argument("<name>", "name of the runner")
    .option("--cpu <cores>", "CPU cores, such as 2 or 0.5 (default: the environment's)", cpuMillis)
    .option(
      "--memory <size>",
      "memory for all code, such as 4GiB (default: the environment's)",
      mib("memory"),
    )
    .option(
      "--storage <size>",
      "disk space for files, such as 10GiB (default: the environment's)",
      mib("storage"),
    )
    .option("--network <kind>", "network access of code: none or full (default: none)", network)
    .option("--environment <name>", "environment to create it from (default: grad's default)")
    .action(async (name, options) => {
      const { runnerFields, runnerText } = await import("../documents/runner_document.ts");
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
        return `${created ? `Created ${name}` : `${name} exists already`}.\n\n${text}`;
      });
    });
}
