import type { DatasetServiceServer } from "../../proto/gen/grad/v1/dataset.ts";
import { GradError } from "../../shared/errors.ts";
import { checkDataset } from "../datasets/check_dataset.ts";
import { requestedOwner } from "../runners/finder.ts";
import type { RunnerService } from "../runners/service.ts";
import { checkRef, runnerId } from "../runners/names.ts";
import { fromCheck, toDataset } from "./convert_agent.ts";
import type { UnaryEdge } from "./unary.ts";

export function datasetService(edge: UnaryEdge, runners: RunnerService): DatasetServiceServer {
  return {
    checkDataset: edge.serve(
      "CheckDataset",
      async (context, { runner: ref, dataset, maxFiles, existingRunner }) => {
        const runner = checkRef(ref);
        const id = runnerId(requestedOwner(context.caller, runner), runner);
        context.note({ runner: id, dataset: dataset?.name.slice(0, 40) });
        if (dataset === undefined) {
          throw new GradError(
            "invalid_argument",
            "Cannot check a dataset: none is given",
          );
        }
        return fromCheck(
          await checkDataset(context, runners, {
            runner,
            dataset: toDataset(dataset),
            maxFiles,
            existingRunner,
          }),
        );
      },
    ),
  };
}
