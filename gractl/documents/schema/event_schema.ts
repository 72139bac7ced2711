import { z } from "zod";
import { artifact, executionError, mime, status, truncated, usage } from "./execution_schema.ts";
import { count, instant } from "./values.ts";

const head = {
  execution: z.string().describe("id of the execution"),
  seq: z.int().positive().describe(
    "1 for the first event. Several lines may have one number: text at the end of a stream has that of the event finished",
  ),
  time: instant.nullable(),
};

const bundle = {
  mime,
  displayId: z.string().nullable().describe("identifies a display that may be updated"),
  update: z.boolean().describe("replaces the earlier display of this displayId"),
};

export const event = z.discriminatedUnion("type", [
  z.object({
    ...head,
    type: z.literal("queued"),
    ahead: count.describe("executions before it in the session"),
  }),
  z.object({
    ...head,
    type: z.literal("started"),
    generation: count.describe("number of kernels that the session has had"),
    freshKernel: z.boolean().describe("the session has no variables yet"),
    previousEnd: z.string().nullable().describe("why the previous kernel ended"),
  }),
  z.object({ ...head, type: z.enum(["stdout", "stderr"]), text: z.string() }),
  z.object({ ...head, type: z.enum(["display", "result"]), ...bundle }),
  z.object({ ...head, type: z.literal("error"), error: executionError }),
  z.object({ ...head, type: z.literal("artifact"), artifact }),
  z.object({
    ...head,
    type: z.literal("gap"),
    gap: z.object({
      of: z.string().describe("stdout, stderr, results or artifacts"),
      amount: count.describe("bytes or items that the events leave out"),
      path: z.string().nullable().describe("file in the runner that has all of it"),
    }),
  }),
  z.object({
    ...head,
    type: z.literal("finished"),
    status,
    durationMs: z.number(),
    usage: usage.nullable(),
    truncated: truncated.nullable(),
  }),
  z.object({
    ...head,
    type: z.literal("clear").describe("what was shown so far is removed: clear_output() of IPython"),
    wait: z.boolean().describe("not now, but when the next output comes"),
  }),
  z.object({ ...head, type: z.literal("unknown").describe("a type of event that only a newer grad knows") }),
]).describe("What happened in an execution: one line of `-o ndjson`.");
