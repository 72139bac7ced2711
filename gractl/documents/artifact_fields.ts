import type { Artifact } from "../client/executions.ts";
import type { DocumentFields } from "./schema/documents.ts";

export type ArtifactFields = Extract<DocumentFields<"Event">, { type: "artifact" }>["artifact"];

/** The fields of an artifact in kinds Execution and Event. */
export function artifactFields(
  artifact: Artifact,
  localPath: string | undefined,
): ArtifactFields {
  const { path, bytes, sha256, mediaType } = artifact;
  return { path, localPath: localPath ?? null, bytes, sha256: sha256 === "" ? null : sha256, mediaType };
}
