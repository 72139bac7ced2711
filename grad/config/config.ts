import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { GradError, messageOf } from "../../shared/errors.ts";
import {
  clientStateFolder,
  configFolder,
  PATH_VARIABLES,
  runnerPython,
  runtimeFolder,
  stateFolder,
} from "../../shared/local_paths.ts";
import type { Level } from "../../shared/log.ts";
import type { Environments } from "../runners/environments.ts";

/** What this machine has. */
export type Machine = Readonly<{
  cores: number;
  memoryBytes: number;
  uid: number;
  /** Whether XDG_RUNTIME_DIR exists and belongs to `uid`: under sudo it is often another user's. */
  ownsXdgRuntimeDir: boolean;
}>;

/** What is the same for every backend. */
type Common = Readonly<{
  maxRunners: number;
  maxCalls: number;
  logLevel: Level;
}>;

/** Runners as processes of this machine. */
export type LocalConfig =
  & Common
  & Readonly<{
    backend: "local";
    /** Path of the unix socket; by default it lies in the runtime folder that is used in the end. */
    socket: string | undefined;
    /** Records, volumes and logs. */
    stateDir: string;
    /** Sockets, unless the state folder names a folder that an earlier grad has chosen. */
    runtimeDir: string;
    /** Folders of gractl: its settings, and what it remembers of workspaces. */
    clientDirs: readonly string[];
    /** The user's home folder; empty where it is not known. */
    homeDir: string;
    /** bin/python of the runners' environment. */
    python: string;
    sandboxed: boolean;
    /** Where programs are looked for. */
    path: string;
    /** A session's kernel ends after so long without use; 0 for never. */
    sessionIdleSeconds: number;
    environments: Environments;
  }>;

/** Runners as pods of a cluster; the file says how. */
export type KubernetesConfig =
  & Common
  & Readonly<{
    backend: "kubernetes";
    file: string;
    /** Of environments for which the file names none. */
    runnerImage: string | undefined;
  }>;

export type ServeConfig = Readonly<{ command: "serve" }> & (LocalConfig | KubernetesConfig);

export type Config = Readonly<{ command: "version" }> | Readonly<{ command: "help" }> | ServeConfig;

const MIB = 2 ** 20;
const MAX_MEMORY_MIB = 8 * 1024;
const STORAGE_MIB = 10 * 1024;
/** What is added to the runtime folder for a kernel's socket: two ids and a name have to fit into 107 bytes. */
const MAX_RUNTIME_BYTES = 56;

const schema = z.object({
  GRAD_LISTEN: z.string().regex(/^unix:\/./, "must be unix:/path").optional(),
  GRAD_BACKEND: z.enum(["local", "kubernetes"]).default("local"),
  GRAD_CONFIG: z.string().startsWith("/", "must be absolute").optional(),
  GRAD_STATE_DIR: z.string().startsWith("/", "must be absolute").optional(),
  GRAD_RUNTIME_DIR: z.string().startsWith("/", "must be absolute").refine(
    (path) => new TextEncoder().encode(path).length <= MAX_RUNTIME_BYTES,
    `must have at most ${MAX_RUNTIME_BYTES} bytes, so that the sockets below have their 107`,
  ).optional(),
  GRAD_RUNNER_IMAGE: z.string().optional(),
  GRAD_RUNNER_PYTHON: z.string().startsWith("/", "must be absolute").optional(),
  GRAD_MAX_RUNNERS: z.coerce.number().int().positive().default(50),
  GRAD_SESSION_IDLE_SECONDS: z.coerce.number().int().nonnegative().default(12 * 3600),
  GRAD_LOG_LEVEL: z.enum(["debug", "info", "warn", "error"]).default("info"),
});

/** Every variable that grad itself reads; grpc-js has its own GRPC_* ones. */
export const VARIABLES: readonly string[] = [
  ...new Set([...Object.keys(schema.shape), ...PATH_VARIABLES, "PATH"]),
];

/** A command with options of its own: main.ts hands it on. */
export const CERTIFICATES = "certificates";

export const USAGE =
  `Usage: grad serve [--backend local] [--listen unix:PATH] [--unsafe-no-sandbox] [--log-level LEVEL]
       grad serve --backend kubernetes --config FILE [--log-level LEVEL]
       grad certificates --namespace NAMESPACE --names NAME_OR_ADDRESS,… [--once]
       grad version

Serves runners to gractl: processes of this machine, or pods of a cluster. Environment: GRAD_LISTEN, GRAD_BACKEND, GRAD_CONFIG,
GRAD_RUNNER_IMAGE, GRAD_STATE_DIR, GRAD_RUNTIME_DIR, GRAD_RUNNER_PYTHON, GRAD_MAX_RUNNERS, GRAD_SESSION_IDLE_SECONDS,
GRAD_LOG_LEVEL. An option goes before its variable. See docs/configuration.md. \`certificates\` keeps those of a deployment on
Kubernetes (docs/deployment.md).
`;

/** Command line over environment over defaults; an empty variable counts as unset; all faults at once. @throws {GradError} `usage`, `invalid_argument` */
export function parseConfig(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  machine: Machine,
): Config {
  const { command, options } = parseCommand(args);
  if (command !== "serve") return { command };
  const parsed = schema.safeParse({
    ...Object.fromEntries(Object.entries(env).filter(([, value]) => value !== "")),
    ...(options.listen === undefined ? {} : { GRAD_LISTEN: options.listen }),
    ...(options.backend === undefined ? {} : { GRAD_BACKEND: options.backend }),
    ...(options.config === undefined ? {} : { GRAD_CONFIG: resolve(options.config) }),
    ...(options["log-level"] === undefined ? {} : { GRAD_LOG_LEVEL: options["log-level"] }),
  });
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
    throw new GradError("invalid_argument", `Cannot use the settings of grad: ${faults.join("; ")}`, {
      hint: "See `grad --help` and docs/configuration.md.",
    });
  }
  const { data } = parsed;
  const common = {
    command,
    maxRunners: data.GRAD_MAX_RUNNERS,
    maxCalls: 1_000,
    logLevel: data.GRAD_LOG_LEVEL,
  };
  if (data.GRAD_BACKEND === "kubernetes") {
    const runnerImage = data.GRAD_RUNNER_IMAGE;
    return { ...common, backend: "kubernetes", file: configFile(data), runnerImage };
  }
  return {
    ...common,
    socket: data.GRAD_LISTEN?.slice("unix:".length),
    backend: "local",
    stateDir: stateFolder(env),
    runtimeDir: runtimeFolder(env, machine),
    clientDirs: [configFolder(env), clientStateFolder(env)],
    homeDir: env["HOME"] ?? "",
    python: runnerPython(env),
    path: env.PATH || "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
    sandboxed: !options["unsafe-no-sandbox"],
    sessionIdleSeconds: data.GRAD_SESSION_IDLE_SECONDS,
    environments: new Map([["default", { default: defaultResources(machine), egress: true }]]),
  };
}

/** Where to listen is in the file, always with TLS: a variable must not lead around that. */
function configFile(data: z.infer<typeof schema>): string {
  if (data.GRAD_CONFIG !== undefined && data.GRAD_LISTEN === undefined) return data.GRAD_CONFIG;
  const fault = data.GRAD_CONFIG === undefined
    ? "GRAD_CONFIG: is missing; name the file that describes the cluster"
    : "GRAD_LISTEN: is for the local backend; write `listen:` into the file";
  throw new GradError("invalid_argument", `Cannot use the settings of grad: ${fault}`, {
    hint: "Give `grad serve --backend kubernetes --config FILE`; docs/configuration.md describes the file.",
  });
}

/** All cores, and half of the memory up to a bound. */
function defaultResources({ cores, memoryBytes }: Machine) {
  const memoryMib = Math.min(MAX_MEMORY_MIB, Math.floor(memoryBytes / 2 / MIB));
  return { cpuMillis: cores * 1000, memoryMib, storageMib: STORAGE_MIB };
}

function parseCommand(args: readonly string[]) {
  try {
    const { values: options, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        "backend": { type: "string" },
        "config": { type: "string" },
        "listen": { type: "string" },
        "log-level": { type: "string" },
        "unsafe-no-sandbox": { type: "boolean", default: false },
        "help": { type: "boolean", short: "h", default: false },
        "version": { type: "boolean", default: false },
      },
    });
    const [named = "help", ...rest] = positionals;
    const command = options.help ? "help" : options.version ? "version" : named;
    if (rest.length > 0 || (command !== "serve" && command !== "version" && command !== "help")) {
      throw new Error(`unknown command ${JSON.stringify(positionals.join(" "))}`);
    }
    return { command, options } as const;
  } catch (cause) {
    throw new GradError("usage", `Cannot read grad's command line: ${messageOf(cause)}`, {
      hint: "Read `grad --help`.",
      cause,
    });
  }
}
