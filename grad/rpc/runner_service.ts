import type { RunnerServiceServer } from "../../proto/gen/grad/v1/runner.ts";
import type { RunnerManager } from "../runners/manager.ts";
import { checkRef } from "../runners/names.ts";
import { fromSpec, toRunner } from "./convert.ts";
import type { UnaryEdge } from "./unary.ts";

export function runnerService(edge: UnaryEdge, runners: RunnerManager): RunnerServiceServer {
  return {
    createRunner: edge.serve("CreateRunner", async ({ ref, spec }, { owner, signal, note }) => {
      const { record, created } = await runners.create(owner, checkRef(ref), fromSpec(spec), signal);
      note({ runner: record.id });
      return { runner: toRunner(await runners.find.viewOf(record, signal)), created };
    }),
    getRunner: edge.serve("GetRunner", async ({ ref }, { owner, signal, note }) => {
      const view = await runners.find.view(owner, checkRef(ref), signal);
      note({ runner: view.record.id });
      return { runner: toRunner(view) };
    }),
    listRunners: edge.serve("ListRunners", async (request, { owner, signal }) => {
      return { runners: (await runners.find.list(owner, request, signal)).map(toRunner) };
    }),
    destroyRunner: edge.serve("DestroyRunner", async ({ ref, force }, { owner, signal, note }) => {
      const record = await runners.destroy(owner, checkRef(ref), { force, signal });
      note({ runner: record.id });
      return { runner: toRunner(await runners.find.viewOf(record, signal)) };
    }),
  };
}
