import { z } from "zod";
import { described, fault } from "./dataset_schema.ts";
import { PHASES } from "./runner_schema.ts";
import { codedError, instant } from "./values.ts";

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

const access = z.enum(["read-only", "read-write"]);

const grant = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("grad"), context }).describe("the grad that receives code and keys"),
  z.object({
    kind: z.literal("directory"),
    path: z.string().describe("absolute, links resolved"),
    access,
  }),
  z.object({
    kind: z.literal("s3"),
    endpoint: z.string().describe("empty: AWS"),
    bucket: z.string(),
    prefix: z.string().describe("empty: the whole bucket"),
    access,
    credentials: z.union([
      z.object({ source: z.enum(["environment", "anonymous"]) }),
      z.object({ source: z.literal("profile"), profile: z.string(), file: z.string() }),
    ]),
  }).describe("an S3 location with the keys that its endpoint receives"),
]).describe("something of the user that the workspace asks for");

const trust = z.object({
  state: z.enum(["trusted", "changed", "untrusted"]).describe(
    "changed: it is trusted, and asks for more than it is trusted with",
  ),
  wanted: z.array(grant).describe("what it asks for"),
  missing: z.array(grant).describe("what of it is not trusted"),
  elsewhere: z.array(z.string()).describe(
    "folders that are trusted as the workspace of this id, where this one is untrusted",
  ),
});

export const workspaceTrust = z.object({ dir, id: z.string() }).extend(trust.shape).extend({
  changed: z.boolean().describe("this command has changed it"),
}).describe("What the user trusts the workspace with.");

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
    pauseAt: instant.nullable().describe("when grad pauses it unless it is used before; null: it does not"),
    destroyAt: instant.nullable().describe(
      "when grad destroys it unless it is resumed before; null: it does not",
    ),
  }),
  datasets: z.array(z.union([
    described.extend({ faults: z.array(fault).length(0) }),
    z.object({ name: z.string(), file: z.string(), faults: z.array(fault).min(1) }).describe(
      "a file with faults",
    ),
  ])),
  trust: trust.describe("what the user trusts the workspace with; files with faults ask for nothing"),
  valid: z.boolean().describe("no file has a fault"),
}).describe("The workspace with its grad, runner and datasets.");

export const config = z.object({
  workspaceId: z.string(),
  grad: z.string(),
  runner: z.string(),
  session: z.string(),
}).partial().describe("Settings of the workspace; `config get KEY` has only that key.");
