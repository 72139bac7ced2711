import type { RunnerServiceServer } from "../../proto/gen/grad/v1/runner.ts";
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
    pauseRunner: edge.serve("PauseRunner", async (context, { ref, force }) => {
      const record = await runners.pause(context, checkRef(ref), { force });
      context.note({ runner: record.id });
      return { runner: toRunner(await runners.find.viewOf(context, record)) };
    }),
    resumeRunner: edge.serve("ResumeRunner", async (context, { ref }) => {
      const { record, resumed } = await runners.resume(context, checkRef(ref));
      context.note({ runner: record.id });
      return { runner: toRunner(await runners.find.viewOf(context, record)), resumed };
    }),
    readRunnerLogs: edge.serve("ReadRunnerLogs", async (context, { ref, component, maxLines }) => {
      return { logs: [...await runners.logs(context, checkRef(ref), { component, maxLines })] };
    }),
    watchRunners: edge.serve("WatchRunners", async (context, request) => {
      const { views, cursor } = await runners.watch(context, request);
      return { runners: views.map(toRunner), cursor };
    }),
  };
}
