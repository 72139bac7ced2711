import { z } from "zod";
import { MAX_SOCKET_PATH_BYTES } from "../../shared/limits.ts";
import { type Fault, orderFaults } from "./fault.ts";
import { apiVersion, kindOf, nameOf } from "./header_schema.ts";
import { schemaFaults } from "./schema_faults.ts";
import { secretFaults } from "./secrets.ts";
import { readYaml } from "./yaml_file.ts";

function gradFault(text: string): string | undefined {
  if (text === "local") return undefined;
  const path = /^unix:(.*)$/s.exec(text)?.[1];
  if (path === undefined || !path.startsWith("/") || /\p{Cc}/u.test(path)) {
    return "is not an address of grad; write `local`, or `unix:` and the absolute path of a socket";
  }
  if (new TextEncoder().encode(path).length > MAX_SOCKET_PATH_BYTES) {
    return `is longer than ${MAX_SOCKET_PATH_BYTES} bytes, the limit for the path of a socket; use a shorter path`;
  }
  return undefined;
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
  const faults = [...syntax, ...secretFaults(yaml), ...schemaFaults(yaml, schema)];
  if (!result.success || faults.length > 0) return { config: undefined, faults: orderFaults(faults) };
  const { workspaceId, grad, runner, session } = result.data;
  return { config: { workspaceId, grad, runner, session }, faults: [] };
}
