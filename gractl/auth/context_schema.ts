import { basename, dirname, resolve } from "node:path";
import { z } from "zod";
import { MAX_SOCKET_PATH_BYTES, NAME } from "../../shared/limits.ts";
import { type Fault, type FileOwner, orderFaults } from "../../shared/yaml/fault.ts";
import { apiVersion, kindOf, nameOf } from "../workspace/header_schema.ts";
import { schemaFaults } from "../../shared/yaml/schema_faults.ts";
import { isSecretKey, secretFaults } from "../workspace/secrets.ts";
import { readYaml } from "../../shared/yaml/yaml_file.ts";
import { type Address, type Context, LOCAL } from "./context.ts";

/** For errors about faults in these files. */
export const CONTEXT_FILES: FileOwner = {
  files: "of your contexts",
  hint: "Correct the files, then check them with `gractl context list`.",
};

export const HOST = /^(?!-)[A-Za-z0-9-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*$/;
/** Of a namespace or a service account. */
export const KUBERNETES_NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;
const FORMS = "write `https://HOST`, `https://HOST:PORT`, or `unix:` and the absolute path of a socket";

/** Parses an address, or says what is wrong with it. */
export function parseAddress(text: string): Address | Readonly<{ fault: string }> {
  if (text.startsWith("unix:")) return parseSocket(text.slice("unix:".length));
  if (text.startsWith("http:")) return { fault: "has no TLS, and tokens are sent to it; write `https://`" };
  const [, bracketed, plain, port] =
    /^https:\/\/(?:\[([0-9a-fA-F:.]{2,45})\]|([^:/?#@[\]]+))(?::(\d{1,5}))?\/?$/
      .exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || (plain !== undefined && !HOST.test(plain))) {
    return { fault: `is not an address of grad; ${FORMS}` };
  }
  const number = Number(port ?? 443);
  if (number < 1 || number > 65_535) return { fault: "has a port that does not exist; use 1 to 65535" };
  return { kind: "network", host, port: number };
}

function parseSocket(path: string): Address | Readonly<{ fault: string }> {
  if (!path.startsWith("/") || /\p{Cc}/u.test(path)) return { fault: `is not an address of grad; ${FORMS}` };
  if (new TextEncoder().encode(path).length > MAX_SOCKET_PATH_BYTES) {
    return {
      fault:
        `is longer than ${MAX_SOCKET_PATH_BYTES} bytes, the limit for the path of a socket; use a shorter path`,
    };
  }
  return { kind: "unix", path };
}

const path = z.string().regex(
  /^[^\p{Cc}]+$/u,
  "is empty or contains a control character; write the path of a file",
);

const kubernetesName = z.string().max(253).regex(
  KUBERNETES_NAME,
  "is not a name of Kubernetes; write lower-case letters, digits, `-` and `.`",
);

const schema = z.strictObject({
  apiVersion,
  kind: kindOf("Context"),
  name: nameOf("context").describe("`name: <name>`, that of the file without .yaml"),
  address: z.string().superRefine((value, context) => {
    const parsed = parseAddress(value);
    if ("fault" in parsed) context.addIssue({ code: "custom", message: parsed.fault });
  }).describe("`address: https://HOST`, or `unix:/path/of/a/socket`"),
  certificateAuthority: path.optional(),
  serverName: z.string().regex(HOST, "is not the name of a server; write one that its certificate has")
    .optional(),
  tokenFile: path.optional(),
  serviceAccount: z.strictObject({
    namespace: kubernetesName.describe("`namespace: <namespace>`, that of the service account"),
    name: kubernetesName.describe("`name: <name>`, that of the service account"),
    kubeContext: path.optional(),
    kubeconfig: path.optional(),
  }).optional(),
});

/** Keys that only an address of the network may have. */
const NETWORK_KEYS = ["certificateAuthority", "serverName", "tokenFile", "serviceAccount"] as const;

const NO_TOKEN = {
  where: "a context",
  remedy: "write the token into a file that only you can read, and name the file as `tokenFile`",
};

export type ParsedContext =
  | Readonly<{ context: Context; faults: readonly [] }>
  | Readonly<{ context: undefined; faults: readonly Fault[] }>;

/** Parses a context's file. `file` is its absolute path; relative paths in it are resolved against its folder, as kubectl does. */
export function parseContext(
  bytes: Uint8Array,
  { file, home }: { file: string; home: string | undefined },
): ParsedContext {
  const { yaml, faults: syntax } = readYaml(file, bytes);
  if (yaml === undefined) return { context: undefined, faults: syntax };
  const faults = [...syntax, ...secretFaults(yaml, NO_TOKEN), ...schemaFaults(yaml, schema, isSecretKey)];
  const { data } = schema.safeParse(yaml.value);
  const address = data === undefined ? undefined : parseAddress(data.address);
  const stem = basename(file, ".yaml");
  if (data !== undefined && stem === LOCAL) {
    faults.push(yaml.fault(["name"], `is reserved for the grad of this machine; rename the file`, "value"));
  } else if (data !== undefined && data.name !== stem) {
    const remedy = NAME.test(stem)
      ? `write \`name: ${stem}\`, or rename the file to ${data.name}.yaml`
      : `rename the file to ${data.name}.yaml`;
    faults.push(yaml.fault(["name"], `differs from the name of the file; ${remedy}`, "value"));
  }
  if (address !== undefined && "kind" in address && address.kind === "unix") {
    for (const key of NETWORK_KEYS) {
      if (data?.[key] === undefined) continue;
      faults.push(yaml.fault([key], "is for https addresses only; remove it", "key"));
    }
  }
  if (data?.serviceAccount !== undefined && data.tokenFile === undefined) {
    faults.push(
      yaml.fault(["serviceAccount"], "needs a file for its tokens; add `tokenFile: <path>`", "key"),
    );
  }
  if (data === undefined || address === undefined || "fault" in address || faults.length > 0) {
    return { context: undefined, faults: orderFaults(faults) };
  }
  const absolute = (path: string | undefined) => path === undefined ? "" : pathIn(file, path, home);
  return {
    context: {
      file,
      name: data.name,
      address,
      certificateAuthority: absolute(data.certificateAuthority),
      serverName: data.serverName ?? "",
      tokenFile: absolute(data.tokenFile),
      serviceAccount: data.serviceAccount &&
        {
          ...data.serviceAccount,
          kubeContext: data.serviceAccount.kubeContext ?? "",
          kubeconfig: data.serviceAccount.kubeconfig ?? "",
        },
    },
    faults: [],
  };
}

function pathIn(file: string, path: string, home: string | undefined): string {
  return path.startsWith("~/") && home !== undefined
    ? resolve(home, path.slice(2))
    : resolve(dirname(file), path);
}
