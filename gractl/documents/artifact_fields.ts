import type { Artifact } from "../client/executions.ts";

/** The fields of an artifact in kinds Execution and Event. */
export function artifactFields(
  artifact: Artifact,
  localPath: string | undefined,
): Readonly<Record<string, unknown>> {
  const { path, bytes, sha256, mediaType } = artifact;
  return { path, localPath: localPath ?? null, bytes, sha256: sha256 === "" ? null : sha256, mediaType };
}
