import type { DatasetSource } from "../datasets/sources/source_registry.ts";

export type Access = "read-only" | "read-write";

/** A valid file of `datasets/`. */
export type DatasetFile = Readonly<{
  /** Absolute. */
  file: string;
  name: string;
  description: string;
  access: Access;
  source: DatasetSource;
}>;
