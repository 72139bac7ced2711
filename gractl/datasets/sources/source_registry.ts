import { directory } from "./directory.ts";
import { s3 } from "./s3.ts";
import type { SourceType } from "./source_type.ts";

/** All types of data sources; the first is the default of `dataset add`. */
export const SOURCES = [s3, directory] as const;

type SourceOf<Type> = Type extends SourceType<infer Source> ? Source : never;

/** What a valid file says about where the data lies. */
export type DatasetSource = SourceOf<(typeof SOURCES)[number]>;

/** The type of a source, as a plug-in. */
export function typeOf<Source extends DatasetSource>(source: Source): SourceType<Source> {
  // The registry is a tuple of different instances; that the one with this name takes this source is what `SourceOf` says.
  return SOURCES.find((each) => each.type === source.type) as unknown as SourceType<Source>;
}

/** The type of that name, for reading: what it reads is known only then. */
export function typeNamed(name: unknown): (typeof SOURCES)[number] | undefined {
  return SOURCES.find((each) => each.type === name);
}
