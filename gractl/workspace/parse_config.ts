import { z } from "zod";
import { NAME } from "../../shared/limits.ts";
import { type Fault, orderFaults } from "../../shared/yaml/fault.ts";
import { apiVersion, kindOf, nameOf } from "./header_schema.ts";
import { schemaFaults } from "../../shared/yaml/schema_faults.ts";
import { isSecretKey, secretFaults } from "./secrets.ts";
import { readYaml } from "../../shared/yaml/yaml_file.ts";

function gradFault(text: string): string | undefined {
  if (NAME.test(text)) return undefined;
  // An address in a workspace would decide who receives the user's code and keys, and a workspace may be somebody else's.
  return /^(unix|https?|tcp|dns|ipv[46]):|[/:]/.test(text)
    ? "is an address, which a workspace cannot have; write `local`, or the name of a context of yours, and move the address to the context's file, ~/.config/gractl/contexts/NAME.yaml"
    : "is not the name of a grad; write `local`, or the name of a context of yours (`gractl context list`)";
}

const schema = z.strictObject({
  apiVersion,
  kind: kindOf("Workspace"),
  workspaceId: z.string().regex(
    /^ws-[a-z0-9]{16}$/,
    'is not "ws-" and 16 of a-z, 0-9; restore the id that `gractl workspace init` wrote, because runners belong to it',
  ).describe("`workspaceId: ws-…` as `gractl workspace init` wrote it, because runners belong to it"),
  grad: z.string().superRefine((value, context) => {
    const message = gradFault(value);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  }).default("local"),
  runner: nameOf("runner").default("runner-1"),
  session: nameOf("session").default("default"),
});

/** The contents of a valid `config.yaml`. */
export type Config = Readonly<{ workspaceId: string; grad: string; runner: string; session: string }>;

export type ParsedConfig =
  | Readonly<{ config: Config; faults: readonly [] }>
  | Readonly<{ config: undefined; faults: readonly Fault[] }>;

/** Parses `config.yaml`. Returns the configuration, or all faults. */
export function parseConfig(bytes: Uint8Array, file: string): ParsedConfig {
  const { yaml, faults: syntax } = readYaml(file, bytes);
  if (yaml === undefined) return { config: undefined, faults: syntax };
  const result = schema.safeParse(yaml.value);
  const faults = [...syntax, ...secretFaults(yaml), ...schemaFaults(yaml, schema, isSecretKey)];
  if (!result.success || faults.length > 0) return { config: undefined, faults: orderFaults(faults) };
  const { workspaceId, grad, runner, session } = result.data;
  return { config: { workspaceId, grad, runner, session }, faults: [] };
}
