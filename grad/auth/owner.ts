import { createHash } from "node:crypto";

const SLUG_LENGTH = 40;
const HASH_LENGTH = 10;
/** Says nothing that the rest of the name does not. */
const SERVICE_ACCOUNT = /^system:serviceaccount:/;

/**
 * The owner that a user of Kubernetes is: readable, and a valid value of a label. The hash keeps apart users whose names differ only in
 * characters that a label may not have.
 */
export function ownerOf(username: string): string {
  const slug = username.replace(SERVICE_ACCOUNT, "").toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").slice(
    -SLUG_LENGTH,
  )
    .replaceAll(/^-+|-+$/g, "");
  const hash = createHash("sha256").update(username).digest("hex").slice(0, HASH_LENGTH);
  return slug === "" ? `user-${hash}` : `${slug}-${hash}`;
}
