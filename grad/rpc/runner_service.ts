import type { RunnerServiceServer } from "../../proto/gen/grad/v1/runner.ts";
import { GradError } from "../../shared/errors.ts";
import type { RunnerService } from "../runners/service.ts";
import { checkRef } from "../runners/names.ts";
import { fromSpec, toRunner } from "./convert.ts";
import type { UnaryEdge } from "./unary.ts";

export function runnerService(edge: UnaryEdge, runners: RunnerService): RunnerServiceServer {
  return {
    createRunner: edge.serve("CreateRunner", async (context, { ref, spec }) => {
      const { record, created } = await runners.create(context, checkRef(ref), fromSpec(spec));
      context.note({ runner: record.id });
      return { runner: toRunner(await runners.find.viewOf(context, record)), created };
    }),
    getRunner: edge.serve("GetRunner", async (context, { ref }) => {
      const view = await runners.find.view(context, checkRef(ref));
      context.note({ runner: view.record.id });
      return { runner: toRunner(view) };
    }),
    listRunners: edge.serve("ListRunners", async (context, request) => {
      return { runners: (await runners.find.list(context, request)).map(toRunner) };
    }),
    destroyRunner: edge.serve("DestroyRunner", async (context, { ref, force }) => {
      const record = await runners.destroy(context, checkRef(ref), { force });
      context.note({ runner: record.id });
      return { runner: toRunner(await runners.find.viewOf(context, record)) };
    }),
    pauseRunner: edge.serve("PauseRunner", later),
    resumeRunner: edge.serve("ResumeRunner", later),
    readRunnerLogs: edge.serve("ReadRunnerLogs", later),
    watchRunners: edge.serve("WatchRunners", later),
  };
}

/** The answer of methods that are in the API already, and not yet in grad. */
function later(): never {
  throw new GradError("version_mismatch", "Cannot answer: this version of grad does not have the method yet");
}
