import type * as dataset from "../../proto/gen/grad/v1/dataset.ts";
import type * as execution from "../../proto/gen/grad/v1/execution.ts";
import type * as runner from "../../proto/gen/grad/v1/runner.ts";
import type { Dataset } from "./datasets.ts";
import { TO_ACCESS, TO_NETWORK } from "./enums.ts";
import type { ExecuteRequest } from "./executions.ts";
import type { RunnerSpec } from "./runners.ts";

export function fromSpec(spec: RunnerSpec): runner.RunnerSpec {
  return { environment: spec.environment, resources: spec.resources, network: TO_NETWORK[spec.network] };
}

function fromSource(source: Dataset["source"]): dataset.Dataset["source"] {
  if (source.type === "directory") return { $case: "directory", value: { path: source.path } };
  const { type: _, credentials, ...place } = source;
  const keys = credentials && {
    ...credentials,
    expiresAtSeconds: BigInt(Math.trunc(credentials.expiresAtSeconds)),
  };
  return { $case: "s3", value: { ...place, credentials: keys } };
}

export function fromDataset({ name, description, access, source }: Dataset): dataset.Dataset {
  return { name, description, access: TO_ACCESS[access], source: fromSource(source) };
}

export function fromExecute(request: ExecuteRequest): execution.ExecuteRequest {
  return {
    ...request,
    spec: fromSpec(request.spec),
    datasets: request.datasets.map(fromDataset),
    requiredDatasets: [...request.requiredDatasets],
    maxBytes: 0,
  };
}
