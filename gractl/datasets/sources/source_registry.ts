import { directory } from "./directory.ts";
import { s3 } from "./s3.ts";
import type { SourceType } from "./source_type.ts";

/** All types of data sources; `dataset add` uses the first where neither a type nor a location is given. */
export const SOURCES = [s3, directory] as const;

type SourceOf<Type> = Type extends SourceType<infer Source> ? Source : never;

/** Where the data of a dataset is: the part of its file that depends on the type. */
export type DatasetSource = SourceOf<(typeof SOURCES)[number]>;

/** The plug-in for a source. */
export function typeOf<Source extends DatasetSource>(source: Source): SourceType<Source> {
  // TypeScript cannot see that the entry of this name has this type of source; `SourceOf` guarantees it.
  return SOURCES.find((each) => each.type === source.type) as unknown as SourceType<Source>;
}

/** The plug-in of that name, `undefined` for an unknown name. */
export function typeNamed(name: unknown): (typeof SOURCES)[number] | undefined {
  return SOURCES.find((each) => each.type === name);
}
