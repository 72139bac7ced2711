import { z } from "zod";
import { count, instant } from "./values.ts";

export const session = z.object({
  name: z.string(),
  runner: z.string().describe("name of the runner"),
  runnerId: z.string(),
  kernel: z.string().describe("kernelspec, such as python3"),
  state: z.enum(["empty", "starting", "idle", "busy", "unspecified"]),
  createdAt: instant.nullable(),
  lastUsedAt: instant.nullable(),
  generation: count.describe("number of kernels that it has had; each new one starts without variables"),
  previousEnd: z.string().describe("why the previous kernel ended; empty for the first one"),
  executions: count,
  runningExecution: z.string().nullable().describe("id of the execution that runs"),
  queued: count.describe("executions that wait"),
}).describe("A kernel with its variables, by name.");

export const sessionList = z.object({ items: z.array(session) }).describe("Sessions of a runner.");
