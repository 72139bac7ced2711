import { isScalar, type Scalar, visit } from "yaml";
import type { Fault } from "../../shared/yaml/fault.ts";
import type { YamlFile } from "../../shared/yaml/yaml_file.ts";

/** Names of keys whose value is a secret, in lower case and without punctuation. */
const SECRET_KEY =
  /^(aws)?(accesskey(id)?|secret(accesskey|key)?|accesssecret|sessiontoken|securitytoken)$|^(password|passwd|token|apikey|privatekey|clientsecret)$/;

/** The format of AWS access key ids. */
const ACCESS_KEY_ID = /\b(AKIA|ASIA)[A-Z0-9]{12,}\b/;

/** What a file must not have, and what to do about it. */
export type SecretRule = Readonly<{ where: string; remedy: string }>;

const WORKSPACE: SecretRule = {
  where: "a workspace",
  remedy: "remove it, and use AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or an AWS profile; " +
    "revoke the key if the file has been shared",
};

/** Secrets in a file, recognised by the name of their key or by their format. */
export function secretFaults(
  yaml: YamlFile,
  { where, remedy }: SecretRule = WORKSPACE,
): readonly Fault[] {
  const faults: Fault[] = [];
  visit(yaml.document, {
    Pair(_, pair, ancestors) {
      if (!isScalar(pair.key)) return;
      const path = [...ancestors.flatMap(keyOf), String(pair.key.value)];
      if (isSecretKey(String(pair.key.value))) {
        faults.push(yaml.fault(path, `is a secret, which must not be in ${where}; ${remedy}`, "key"));
      } else if (isScalar(pair.value) && ACCESS_KEY_ID.test(String((pair.value as Scalar).value))) {
        faults.push(
          yaml.fault(path, `contains an access key, which must not be in ${where}; ${remedy}`, "value"),
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
