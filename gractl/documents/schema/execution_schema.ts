import { z } from "zod";
import { bytes, instant } from "./values.ts";

const identity = z.object({
  id: z.string(),
  runner: z.string().describe("name of the runner"),
  session: z.string(),
  kernel: z.string().describe("kernelspec, such as python3"),
});

export const status = z.enum([
  "queued",
  "running",
  "succeeded",
  "failed",
  "interrupted",
  "deadline_exceeded",
  "out_of_memory",
  "crashed",
  "lost",
  "unspecified",
]).describe("failed: the code raised an exception; unspecified: a status that only a newer grad knows");

const times = z.object({
  queuedAt: instant.nullable(),
  startedAt: instant.nullable(),
  finishedAt: instant.nullable(),
  durationMs: z.number().nullable().describe("from startedAt to finishedAt; null until it has finished"),
});

export const executionError = z.object({
  code: z.string().describe("code_raised, or a code of docs/errors.md"),
  name: z.string().describe("class of the exception; empty where there is none"),
  message: z.string(),
  traceback: z.array(z.string()),
  hint: z.string().describe("what to do; empty where the code raised"),
});

export const mime = z.record(z.string(), z.unknown()).describe(
  "forms of one result by media type: text types as strings (at most 64 Ki characters), JSON types as values, images and " +
    "everything else as an object of path (in the runner, or null), localPath (of the copy on this machine, or null) and bytes",
);

export const artifact = z.object({
  path: z.string().describe("below /workspace in the runner"),
  localPath: z.string().nullable().describe("of the copy on this machine"),
  bytes,
  sha256: z.string().regex(/^[0-9a-f]{64}$/).nullable().describe(
    "null above 64 MiB, and for the largest files where all are too much to read",
  ),
  mediaType: z.string(),
});

export const usage = z.object({
  cpuMs: z.number().nonnegative().describe("CPU time of the kernel and its child processes"),
  peakMemoryBytes: bytes,
});

export const truncated = z.object({ stdout: z.boolean(), stderr: z.boolean(), results: z.boolean() })
  .describe(
    "true where the document leaves something out; the runner has all of it below outputs/<execution>/",
  );

const codePath = z.string().describe("where the runner keeps the code");
const firstLine = z.string().describe(
  "the first line of the code that is not blank, at most 200 characters; empty from an older runner",
);

/** An execution in a list, and the answer of `execution interrupt`: without its output. */
export const executionSummary = z.object({
  ...identity.shape,
  status,
  ...times.shape,
  error: executionError.pick({ code: true, name: true, message: true }).nullable(),
  codePath,
  firstLine,
}).describe("An execution without its output: in lists, and after `execution interrupt`.");

export const executionWithOutput = z.object({
  ...identity.shape,
  status,
  ...times.shape,
  stdout: z.string().describe("at most 256 KiB: the beginning and the end"),
  stderr: z.string().describe("at most 256 KiB: the beginning and the end"),
  results: z.array(z.object({ mime })).describe("one entry for each result or display, at most 1,000"),
  artifacts: z.array(artifact).describe("files that the code created or changed"),
  error: executionError.nullable(),
  usage,
  truncated,
  codePath,
  firstLine,
  code: z.string().nullable().describe(
    "the code, of `execution get`; null elsewhere, and from an older runner",
  ),
  warnings: z.array(z.string()).describe("sentences for people"),
}).describe("An execution with its output: of `execute-code`, `execution get` and `execution attach`.");

export const execution = z.union([executionWithOutput, executionSummary]).describe(
  "A piece of code that was run, or will be. With --detach the output is empty.",
);

export const executionList = z.object({ items: z.array(executionSummary) }).describe(
  "Executions of a runner, the newest first.",
);
