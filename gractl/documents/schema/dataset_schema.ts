import { z } from "zod";
import { bytes, count } from "./values.ts";

export const fault = z.object({
  file: z.string(),
  line: z.int().positive(),
  column: z.int().positive().describe("in UTF-16 units"),
  key: z.string().describe("such as s3.bucket; empty where the fault belongs to no key"),
  message: z.string(),
});

export const described = z.object({
  name: z.string(),
  description: z.string(),
  type: z.enum(["s3", "directory"]),
  s3: z.object({
    bucket: z.string(),
    prefix: z.string().describe("empty: the whole bucket"),
    endpoint: z.string().describe("empty: AWS"),
    region: z.string().describe("empty: us-east-1"),
    pathStyle: z.boolean(),
  }).optional().describe("only of type s3"),
  directory: z.object({ path: z.string() }).optional().describe("only of type directory"),
  access: z.enum(["read-only", "read-write"]),
  credentials: z.discriminatedUnion("source", [
    z.object({ source: z.enum(["environment", "anonymous"]) }),
    z.object({ source: z.literal("profile"), profile: z.string(), file: z.string() }),
  ]).optional().describe("where its keys come from, never a key"),
  path: z.string().describe("where code finds it"),
  file: z.string().describe("its file in the workspace"),
}).describe("A dataset as its file describes it.");

export const dataset = z.union([
  described,
  z.object({ name: z.string(), file: z.string(), removed: z.literal(true) }).describe(
    "After `dataset remove`; its data is not deleted.",
  ),
]).describe("A described prefix, or folder, that code reads.");

export const datasetList = z.object({ items: z.array(described) }).describe("Datasets of the workspace.");

export const datasetCheck = z.object({
  name: z.string(),
  type: z.enum(["s3", "directory"]),
  path: z.string().describe("where code finds it"),
  files: count,
  bytes,
  truncated: z.boolean().describe("the listing stopped at --max-files: files and bytes are lower bounds"),
  tables: z.array(z.object({
    path: z.string().describe("a file or a glob, relative to the dataset's folder"),
    files: count,
    rows: count,
    columns: z.array(z.object({ name: z.string(), type: z.string() })),
  })).describe("Parquet files with the same columns, together"),
  samplePaths: z.array(z.string()),
}).describe("What a dataset has where it is attached.");
