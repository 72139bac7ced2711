import type { CredentialsRef } from "../../datasets/sources/credentials_ref.ts";
import type { Access } from "../dataset_file.ts";
import type { Grant } from "./grant.ts";

/** What the user has decided about one workspace. */
export type Decision = Readonly<{
  /** Absolute path of the workspace's folder, links resolved. */
  path: string;
  workspaceId: string;
  /** The user to whom the folder belongs. */
  owner: number;
  grants: readonly Grant[];
}>;

const VERSION = 1;

export function formatDecision(decision: Decision): string {
  return `${JSON.stringify({ version: VERSION, ...decision }, undefined, 2)}\n`;
}

/** The decision in a file; `undefined` where it is not exactly what `formatDecision()` writes. Pure. */
export function parseDecision(text: string): Decision | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { version, path, workspaceId, owner, grants } = fieldsOf(value);
  if (version !== VERSION || typeof path !== "string" || !path.startsWith("/")) return undefined;
  if (typeof workspaceId !== "string" || !Number.isInteger(owner) || !Array.isArray(grants)) return undefined;
  const known = grants.map(toGrant);
  if (known.includes(undefined)) return undefined;
  return { path, workspaceId, owner: owner as number, grants: known as readonly Grant[] };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? value as Readonly<Record<string, unknown>> : {};
}

function toGrant(value: unknown): Grant | undefined {
  const { kind, context, path, endpoint, bucket, prefix, access, credentials } = fieldsOf(value);
  if (kind === "grad" && typeof context === "string") return { kind, context };
  if (!isAccess(access)) return undefined;
  if (kind === "directory" && typeof path === "string" && path.startsWith("/")) return { kind, path, access };
  const keys = toCredentials(credentials);
  if (kind !== "s3" || keys === undefined) return undefined;
  if (typeof endpoint !== "string" || typeof bucket !== "string" || typeof prefix !== "string") {
    return undefined;
  }
  return { kind, endpoint, bucket, prefix, access, credentials: keys };
}

function isAccess(value: unknown): value is Access {
  return value === "read-only" || value === "read-write";
}

function toCredentials(value: unknown): CredentialsRef | undefined {
  const { source, profile, file } = fieldsOf(value);
  if (source === "environment" || source === "anonymous") return { source };
  if (source !== "profile" || typeof profile !== "string" || typeof file !== "string") return undefined;
  return { source, profile, file };
}
