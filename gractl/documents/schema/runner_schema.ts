import { z } from "zod";
import { codedError, count, instant } from "./values.ts";

export const PHASES = [
  "creating",
  "ready",
  "lost",
  "pausing",
  "paused",
  "destroying",
  "destroyed",
  "failed",
  "unspecified",
] as const;

export const attachState = z.enum(["mounting", "mounted", "failed", "unspecified"]);

const spec = z.object({
  environment: z.string().describe("empty: grad's default"),
  resources: z.object({
    cpuMillis: count.describe("thousandths of a core"),
    memoryMib: count,
    storageMib: count,
  }).describe("0 means the default of the environment"),
  network: z.enum(["none", "full"]),
});

const fields = z.object({
  id: z.string(),
  name: z.string(),
  workspaceId: z.string(),
  owner: z.string(),
  phase: z.enum(PHASES).describe("unspecified: a phase that only a newer grad knows"),
  stage: z.enum([
    "none",
    "waiting",
    "scheduling",
    "preparing_node",
    "pulling_image",
    "starting_components",
    "waiting_for_kernels",
    "mounting_datasets",
    "stopping_components",
    "deleting_volume",
    "unspecified",
  ]).describe("what grad is doing for it"),
  reason: z.enum([
    "none",
    "components_ended",
    "component_failing",
    "no_progress",
    "sandbox_unavailable",
    "version_mismatch",
    "start_failed",
    "unschedulable",
    "image_unavailable",
    "idle",
    "quota_exceeded",
    "volume_unavailable",
    "evicted",
    "unspecified",
  ]).describe("why it is in its phase; none: it was asked for"),
  phaseMessage: z.string().describe("for people: the current step, or why it is not ready; may be empty"),
  spec,
  createdAt: instant.nullable(),
  lastActiveAt: instant.nullable(),
  lastActivity: z.string().describe("what happened at lastActiveAt"),
  datasets: z.array(z.object({
    name: z.string(),
    state: attachState,
    path: z.string().describe("where code finds it"),
    error: codedError.nullable(),
  })),
  tombstone: z.object({
    endedAt: instant.nullable(),
    endedBy: z.string(),
    reason: z.string(),
    message: z.string(),
  }).nullable().describe("how it ended; null while it has not"),
  agentVersion: z.string(),
  backend: z.string(),
  pauseAt: instant.nullable().describe("when grad pauses it unless it is used before; null: it does not"),
  destroyAt: instant.nullable().describe(
    "when grad destroys it unless it is resumed before; null: it does not",
  ),
  pausedAt: instant.nullable().describe("null: it is not paused"),
  lostSessions: z.array(z.string()).describe("sessions whose variables were lost when it was paused last"),
});

export const runner = fields.extend({
  created: z.boolean().optional().describe("only of `runner create`: false where it existed"),
  resumed: z.boolean().optional().describe("only of `runner resume`: false where it was ready"),
}).describe("A compute instance in which code runs.");

export const runnerList = z.object({ items: z.array(fields) }).describe("Runners, ordered by name.");

export const runnerLogs = z.object({
  runner: z.string().describe("its name"),
  logs: z.array(z.object({
    component: z.string(),
    text: z.string().describe("the last lines; may be empty"),
    previous: z.boolean().describe("of the component's process before its last restart"),
  })),
}).describe("What the components of a runner logged.");
