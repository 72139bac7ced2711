import type { z } from "zod";
import type { Dataset, S3Credentials } from "../../client/datasets.ts";
import type { CredentialsRef } from "./credentials_ref.ts";

/** An option of `dataset add`, and the key of the dataset file that it sets. */
export type SourceOption = Readonly<{
  /** In commander's notation: "--bucket <name>"; an option without a value sets `true`. */
  flags: string;
  description: string;
  path: readonly [string, ...string[]];
}>;

/** How paths in a dataset file are resolved: relative to the file, and `~/` to the home folder. */
export type ReadAt = Readonly<{
  /** Absolute path of the dataset file. */
  file: string;
  /** The user's home folder; `undefined` where HOME is not set. */
  home: string | undefined;
}>;

/** A fault that a schema cannot express; `path` is the path of the key. */
export type SourceFault = Readonly<{ path: readonly string[]; message: string }>;

/** Keys and values of a dataset file. */
export type Fields = Readonly<Record<string, unknown>>;

/** The part of a source type that needs zod, which is slow to load; imported when a file is read. */
export interface SourceSchema<Source> {
  /** The keys of this type. The description of each key completes the fault "is missing; add …". */
  readonly shape: z.ZodRawShape;
  /** Converts fields that `shape` has accepted. */
  read(fields: Fields, at: ReadAt): { source: Source } | { faults: readonly SourceFault[] };
}

/**
 * A kind of storage that a dataset can be in. To add one, write `<type>.ts` and `<type>_schema.ts` beside this file and list it in
 * `source_registry.ts`: reading and writing of dataset files, command-line options, help, faults and rendering need no change. For
 * grad, add the source to proto/grad/v1/dataset.proto, `client/datasets.ts` and `client/to_wire.ts`.
 */
export interface SourceType<Source extends Readonly<{ type: string }>> {
  readonly type: Source["type"];
  /** One line for the help text. */
  readonly summary: string;
  readonly options: readonly SourceOption[];
  /** Fields from a location on the command line ("s3://bucket/prefix"); `undefined` where it is of another type. */
  fromLocation(location: string): Fields | undefined;
  /** Completes fields from the command line for the dataset file: makes paths absolute and adds implied values. */
  complete(fields: Fields, at: { cwd: string }): Fields;
  /** Where the data is, as one short text for tables. */
  location(source: Source): string;
  /** All fields with labels, in display order. */
  details(source: Source): readonly (readonly [label: string, value: string])[];
  /** Where its keys come from; `undefined` for a source that needs none. */
  credentials(source: Source): CredentialsRef | undefined;
  /** The source with its keys as a message for grad. */
  toMessage(source: Source, keys: S3Credentials | undefined): Dataset["source"];
  schema(): Promise<SourceSchema<Source>>;
}
