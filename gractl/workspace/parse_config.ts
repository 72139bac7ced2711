import { z } from "zod";
import { type Fault, orderFaults } from "./fault.ts";
import { apiVersion, kindOf, nameOf } from "./header_schema.ts";
import { schemaFaults } from "./schema_faults.ts";
import { secretFaults } from "./secrets.ts";
import { readYaml } from "./yaml_file.ts";

/** Longest path of a unix socket in bytes. */
const MAX_SOCKET = 107;

function gradFault(text: string): string | undefined {
  if (text === "local") return undefined;
  const path = /^unix:(.*)$/s.exec(text)?.[1];
  if (path === undefined || !path.startsWith("/") || /\p{Cc}/u.test(path)) {
    return "is no address of a grad; write `local`, or `unix:` and the path of a socket from the root";
  }
  if (new TextEncoder().encode(path).length > MAX_SOCKET) {
    return "is longer than the 107 bytes that a socket's path may have; use a shorter one";
  }
  return undefined;
}

const schema = z.strictObject({
  apiVersion,
  kind: kindOf("Workspace"),
  workspaceId: z.string().regex(
    /^ws-[a-z0-9]{16}$/,
    'is not "ws-" and 16 of a-z, 0-9; restore the id that `gractl workspace init` wrote: runners are found by it',
  ).describe("`workspaceId: ws-…`, as `gractl workspace init` wrote it: runners are found by it"),
  grad: z.string().superRefine((value, context) => {
    const message = gradFault(value);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  }).default("local"),
  runner: nameOf("runner").default("runner-1"),
  session: nameOf("session").default("default"),
});

/** A valid `config.yaml`. */
export type Config = Readonly<{ workspaceId: string; grad: string; runner: string; session: string }>;

export type ParsedConfig =
  | Readonly<{ config: Config; faults: readonly [] }>
  | Readonly<{ config: undefined; faults: readonly Fault[] }>;

/** Reads `config.yaml`: the configuration, or all that is wrong with it. */
export function parseConfig(bytes: Uint8Array, file: string): ParsedConfig {
  const { yaml, faults: syntax } = readYaml(file, bytes);
  if (yaml === undefined) return { config: undefined, faults: syntax };
  const result = schema.safeParse(yaml.value);
  const faults = [...syntax, ...secretFaults(yaml), ...schemaFaults(yaml, schema)];
  if (!result.success || faults.length > 0) return { config: undefined, faults: orderFaults(faults) };
  const { workspaceId, grad, runner, session } = result.data;
  return { config: { workspaceId, grad, runner, session }, faults: [] };
}
