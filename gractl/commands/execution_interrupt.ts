import { Command } from "@commander-js/extra-typings";
import { GradError } from "../../shared/errors.ts";
import type { Execution } from "../client/executions.ts";
import type { GradClient } from "../client/grad_client.ts";
import type { Deps } from "../deps.ts";
import { printable } from "../ui/printable.ts";
import { EXECUTION_ID_ARGUMENT, EXECUTION_RUNNER_OPTION, executionId } from "./execution_id.ts";

/** How long to wait for the end of a kernel that is stopped by force. */
const FORCE_WAIT_MS = 10_000;

/** `gractl execution interrupt`. */
export function executionInterrupt(deps: Deps) {
  return new Command("interrupt").description(
    "Interrupt the code of an execution; its session keeps its variables, unless --force is given",
  )
    .argument(...EXECUTION_ID_ARGUMENT)
    .option(...EXECUTION_RUNNER_OPTION)
    .option("--force", "stop code that takes no notice: all variables of its session are lost", false)
    .option("--yes", "do not ask before variables are lost", false)
    .action(async (named, { runner, force, yes }) => {
      const { listedExecutionFields } = await import("../documents/execution_document.ts");
      const { INTERRUPT_WAIT_MS } = await import("../execution/interrupts.ts");
      await using client = await deps.connect();
      const id = await executionId(deps, client, { id: named, runner });
      if (force) await nameLoss(deps, client, { id, yes });
      const waitMs = force ? FORCE_WAIT_MS : INTERRUPT_WAIT_MS;
      const execution = await client.executions.interrupt({ executionId: id, force, waitMs }, deps.signal);
      const text = await resultText(execution);
      deps.out.document("Execution", listedExecutionFields(execution), () => text);
    });
}

/** Says what will be lost, and asks on a terminal. @throws {GradError} `cancelled` where the answer is not yes */
async function nameLoss(
  deps: Deps,
  client: GradClient,
  { id, yes }: { id: string; yes: boolean },
): Promise<void> {
  const { isUnfinished } = await import("../execution/interrupts.ts");
  const execution = await client.executions.get(id, deps.signal);
  if (!isUnfinished(execution)) return;
  const loss = `This ends the kernel of session ${
    printable(execution.session)
  }: all its variables are lost, files are kept.`;
  const answer = yes ? undefined : await deps.ask(`${loss} Continue? [y/N] `);
  if (answer === undefined) return deps.out.warn(loss);
  if (/^y(es)?$/i.test(answer.trim())) return;
  throw new GradError("cancelled", `${id} is not stopped: you did not answer yes`, {
    hint: "The code continues to run, and its session has its variables.",
  });
}

async function resultText(execution: Execution): Promise<string> {
  const { isUnfinished, notStoppedText } = await import("../execution/interrupts.ts");
  const { id, status, error } = execution;
  if (isUnfinished(execution)) return notStoppedText(execution);
  const why = status === "interrupted" && error !== undefined
    ? `: ${printable(error.message || error.name)}`
    : "";
  return `${id} has ended (${status.replaceAll("_", " ")})${why}`;
}
