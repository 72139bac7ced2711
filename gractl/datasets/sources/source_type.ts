import type { z } from "zod";
import type { Dataset, S3Credentials } from "../../client/datasets.ts";
import type { CredentialsRef } from "./credentials_ref.ts";

/** An option of `dataset add` and the key of the file that it sets. */
export type SourceOption = Readonly<{
  /** As commander takes them: "--bucket <name>"; without a value it sets `true`. */
  flags: string;
  description: string;
  path: readonly [string, ...string[]];
}>;

/** Where a source is read: what its relative paths are relative to. */
export type ReadAt = Readonly<{
  /** The dataset's file, absolute. */
  file: string;
  /** The user's home, where it is known. */
  home: string | undefined;
}>;

/** What a schema alone cannot see; `path` leads to the key. */
export type SourceFault = Readonly<{ path: readonly string[]; message: string }>;

/** Fields of a dataset's file. */
export type Fields = Readonly<Record<string, unknown>>;

/** The half of a source type that needs zod; loaded when a file is read. */
export interface SourceSchema<Source> {
  /** The keys of a dataset's file that belong to this type, each with a description that says what to add where it is missing. */
  readonly shape: z.ZodRawShape;
  /** The source, from fields that `shape` has accepted. */
  read(fields: Fields, at: ReadAt): { source: Source } | { faults: readonly SourceFault[] };
}

/**
 * A kind of storage that a dataset can be in. To add one, write `<type>.ts` and `<type>_schema.ts` beside this file and list it in
 * `source_registry.ts`: reading and writing of dataset files, command-line options, help, faults and rendering need no change.
 */
export interface SourceType<Source extends Readonly<{ type: string }>> {
  readonly type: Source["type"];
  /** For help: one line. */
  readonly summary: string;
  readonly options: readonly SourceOption[];
  /** Fields from one word of a command line ("s3://bucket/prefix"); `undefined` where the word is not of this type. */
  fromLocation(word: string): Fields | undefined;
  /** Fields from options as they are written into a file: paths made absolute, what follows from others filled in. */
  complete(fields: Fields, at: { cwd: string }): Fields;
  /** Where the data lies, in one short word for tables. */
  location(source: Source): string;
  /** Everything about it, in order, for people. */
  details(source: Source): readonly (readonly [label: string, value: string])[];
  /** Where its keys are to be found; `undefined` where it has none. */
  credentials(source: Source): CredentialsRef | undefined;
  /** What grad is sent. */
  toMessage(source: Source, keys: S3Credentials | undefined): Dataset["source"];
  schema(): Promise<SourceSchema<Source>>;
}
