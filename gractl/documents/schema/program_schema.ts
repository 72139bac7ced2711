import { z } from "zod";
import { ERROR_CODES, type ErrorCode } from "../../../shared/error_codes.ts";

export const gradStatus = z.object({
  running: z.boolean(),
  address: z.string().describe("unix:/path"),
  pid: z.int().nullable(),
  version: z.string().nullable(),
  api: z.int().nullable(),
  backend: z.string().nullable(),
  owner: z.string().nullable().describe("who you are to grad"),
  environments: z.array(z.string()),
  stateDir: z.string(),
  logFile: z.string(),
  started: z.boolean().optional().describe("only of `grad start`: false where it ran already"),
  stopped: z.boolean().optional().describe("only of `grad stop`: false where it did not run"),
}).describe("The grad of this machine. Fields that only a running grad knows are null.");

export const doctor = z.object({
  ok: z.boolean().describe("no check has failed"),
  checks: z.array(z.object({
    name: z.string().describe("for programs"),
    title: z.string().describe("for people"),
    ok: z.boolean().describe("false where state is failed"),
    state: z.enum(["ok", "warning", "failed"]).describe("warning: everything works, with a restriction"),
    message: z.string(),
    hint: z.string().nullable(),
  })),
}).describe("What was checked, and what is wrong.");

export const version = z.object({
  version: z.string(),
  api: z.int(),
  deno: z.string(),
  platform: z.string().describe("such as linux-x86_64"),
}).describe("The version of gractl.");

export const completion = z.object({ shell: z.enum(["bash", "zsh", "fish"]), script: z.string() }).describe(
  "A script that completes gractl's commands in a shell.",
);

export const candidates = z.object({
  items: z.array(z.object({ value: z.string(), description: z.string() })),
  files: z.boolean().describe("the shell should propose file names where there are no items"),
}).describe("What the last word of a command line may become.");

export const error = z.object({
  error: z.object({
    code: z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]).describe(
      "see docs/errors.md",
    ),
    message: z.string(),
    hint: z.string().describe("what to do"),
  }),
}).describe("Why a command failed. Any command may print it in place of its own document.");
