import { z } from "zod";
import { described, fault } from "./dataset_schema.ts";
import { PHASES } from "./runner_schema.ts";
import { codedError } from "./values.ts";

const dir = z.string().describe("absolute path of its folder");

const context = z.string().describe("local, or the name of a context");
const address = z.string().describe(
  "local, or the address in the context; its name where that cannot be read",
);

export const workspace = z.object({
  dir,
  id: z.string(),
  grad: z.string().describe("local, or the name of a context"),
  runner: z.string(),
  session: z.string(),
  created: z.boolean().describe("false where it existed"),
}).describe("The workspace after `workspace init`.");

export const workspaceStatus = z.object({
  dir,
  id: z.string(),
  session: z.string(),
  grad: z.discriminatedUnion("reachable", [
    z.object({
      context,
      address,
      reachable: z.literal(true),
      version: z.string(),
      backend: z.string(),
    }),
    z.object({
      context,
      address,
      reachable: z.literal(false),
      error: codedError.optional().describe("absent for a grad of this machine that does not run"),
    }),
  ]),
  runner: z.object({
    name: z.string(),
    phase: z.enum([...PHASES, "none", "unknown"]).describe(
      "none: it does not exist; unknown: grad cannot be asked",
    ),
    message: z.string(),
  }),
  datasets: z.array(z.union([
    described.extend({ faults: z.array(fault).length(0) }),
    z.object({ name: z.string(), file: z.string(), faults: z.array(fault).min(1) }).describe(
      "a file with faults",
    ),
  ])),
  valid: z.boolean().describe("no file has a fault"),
}).describe("The workspace with its grad, runner and datasets.");

export const config = z.object({
  workspaceId: z.string(),
  grad: z.string(),
  runner: z.string(),
  session: z.string(),
}).partial().describe("Settings of the workspace; `config get KEY` has only that key.");
