import type { DatasetSource } from "../datasets/sources/source_registry.ts";

export type Access = "read-only" | "read-write";

/** The contents of a valid file in `datasets/`. */
export type DatasetFile = Readonly<{
  /** Absolute path. */
  file: string;
  name: string;
  description: string;
  access: Access;
  source: DatasetSource;
}>;
