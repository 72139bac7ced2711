import { isScalar, type Scalar, visit } from "yaml";
import type { Fault } from "./fault.ts";
import type { YamlFile } from "./yaml_file.ts";

/** Keys that hold a secret in somebody's configuration, without case and punctuation. */
const SECRET_KEY =
  /^(aws)?(accesskey(id)?|secret(accesskey|key)?|accesssecret|sessiontoken|securitytoken)$|^(password|passwd|token|apikey|privatekey|clientsecret)$/;

/** What Amazon's access key ids look like. */
const ACCESS_KEY_ID = /\b(AKIA|ASIA)[A-Z0-9]{12,}\b/;

const REMEDY =
  "remove it: keys come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or from an AWS profile; " +
  "replace the key where the file has been shared";

/** Secrets that stand in the file: by their key's name, or by their looks. */
export function secretFaults(yaml: YamlFile): readonly Fault[] {
  const faults: Fault[] = [];
  visit(yaml.document, {
    Pair(_, pair, ancestors) {
      if (!isScalar(pair.key)) return;
      const path = [...ancestors.flatMap(keyOf), String(pair.key.value)];
      if (isSecretKey(String(pair.key.value))) {
        faults.push(yaml.fault(path, `is a secret, which must not stand in a workspace; ${REMEDY}`, "key"));
      } else if (isScalar(pair.value) && ACCESS_KEY_ID.test(String((pair.value as Scalar).value))) {
        faults.push(
          yaml.fault(path, `holds an access key, which must not stand in a workspace; ${REMEDY}`, "value"),
        );
      }
    },
  });
  return faults;
}

export function isSecretKey(key: string): boolean {
  return SECRET_KEY.test(key.toLowerCase().replaceAll(/[^a-z0-9]/g, ""));
}

function keyOf(ancestor: unknown): string[] {
  const key = (ancestor as { key?: unknown }).key;
  return isScalar(key) ? [String(key.value)] : [];
}
