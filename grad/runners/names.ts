import { createHash } from "node:crypto";
import { GradError } from "../../shared/errors.ts";
import { checkName } from "../../shared/names.ts";
import type { RequestedRef, RunnerRef } from "./runner.ts";

const BASE32 = "abcdefghijklmnopqrstuvwxyz234567";
/** What {@link runnerId} makes. */
export const RUNNER_ID = /^r[a-z2-7]{12}$/;
const EXECUTION_ID = /^(r[a-z2-7]{12})-[0-9a-f]{16}$/;
const WORKSPACE_ID = /^ws-[a-z0-9]{16}$/;

/** `r` and 60 bits of a hash: the same for the same owner, workspace and name everywhere. */
export function runnerId(owner: string, ref: RunnerRef): string {
  const hash = createHash("sha256").update(`${owner}\0${ref.workspaceId}\0${ref.name}`).digest();
  let id = "r";
  for (let bit = 0; bit < 60; bit += 5) {
    const pair = hash[bit >> 3]! << 8 | hash[(bit >> 3) + 1]!;
    id += BASE32[pair >> (11 - (bit & 7)) & 31];
  }
  return id;
}

/** The id that the agent of `runner` gives the execution with this idempotency key. */
export function executionId(runner: string, idempotencyKey: string): string {
  return `${runner}-${createHash("sha256").update(idempotencyKey).digest("hex").slice(0, 16)}`;
}

/** The runner that an execution belongs to. @throws {GradError} `execution_not_found` for what cannot be an id */
export function runnerOfExecution(id: string): string {
  const runner = EXECUTION_ID.exec(id)?.[1];
  if (runner !== undefined) return runner;
  throw new GradError("execution_not_found", `Cannot find the execution ${JSON.stringify(id.slice(0, 80))}`, {
    hint: "See `gractl execution list`.",
  });
}

/** @throws {GradError} `invalid_argument`, `invalid_name` */
export function checkRef(ref: (RunnerRef & { owner?: string | undefined }) | undefined): RequestedRef {
  if (ref === undefined) {
    throw new GradError("invalid_argument", "Cannot find the runner: the request names none");
  }
  if (!WORKSPACE_ID.test(ref.workspaceId)) {
    const shown = JSON.stringify(ref.workspaceId.slice(0, 80));
    throw new GradError(
      "invalid_argument",
      `Cannot use ${shown} as a workspace id: it is "ws-" and 16 of a-z, 0-9`,
      { hint: "`gractl workspace init` writes one." },
    );
  }
  checkName("runner", ref.name);
  const { workspaceId, name, owner = "" } = ref;
  return { workspaceId, name, ...(owner === "" ? {} : { owner }) };
}
