import assert from "node:assert/strict";
import { DatasetServiceService } from "../../../proto/gen/grad/v1/dataset.ts";
import { ExecutionServiceService } from "../../../proto/gen/grad/v1/execution.ts";
import { FileServiceService } from "../../../proto/gen/grad/v1/file.ts";
import { RunnerServiceService } from "../../../proto/gen/grad/v1/runner.ts";
import { SessionServiceService } from "../../../proto/gen/grad/v1/session.ts";
import { SystemServiceService } from "../../../proto/gen/grad/v1/system.ts";
import { METHODS } from "./methods.ts";

Deno.test("METHODS are the methods of grad's services, each once", () => {
  const services = [
    SystemServiceService,
    RunnerServiceService,
    ExecutionServiceService,
    SessionServiceService,
    DatasetServiceService,
    FileServiceService,
  ];
  const paths = services.flatMap((service) => Object.values(service).map(({ path }) => path));
  const names = paths.map((path) => path.slice(path.lastIndexOf("/") + 1));
  assert.deepEqual(names.toSorted(), METHODS.toSorted());
});
