/** Which packages (top-level folders) a package may import besides itself. */
export const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  // The version stands in deno.json, once for everything; an error travels as a message of proto.
  shared: ["deno.json", "proto"],
  proto: [],
  grad: ["shared", "proto"],
  gractl: ["shared", "proto"],
  tests: ["shared", "proto", "grad", "gractl"],
  bench: ["shared", "proto", "grad", "gractl", "tests"],
  // docs/cli.md is printed from gractl's own command tree.
  tools: ["shared", "gractl", "deno.json"],
};

/** Modules, and our generated code, confined to the files that adapt them. */
export const CONFINED: Readonly<Record<string, RegExp>> = {
  "@kubernetes/client-node": /^(grad\/runners\/kubernetes|tests|bench)\/|^grad\/auth\/token_review\.ts$/,
  "undici": /^grad\/runners\/kubernetes\//,
  "@peculiar/x509": /^(grad\/runners\/kubernetes|gractl\/client\/testing)\//,
  "reflect-metadata": /^(grad\/runners\/kubernetes|gractl\/client\/testing)\//,
  "@grpc/grpc-js": /^(grad\/(rpc|agent\/grpc|listen)\/|gractl\/(client|sync)\/|tests\/|bench\/)/,
  "@modelcontextprotocol/sdk": /^(gractl\/mcp|tests)\//,
  "@aws-sdk": /^(gractl\/datasets\/credentials|tests)\//,
  "@commander-js/extra-typings": /^gractl\/(cli(_test)?\.ts|commands\/)/,
  "commander": /^gractl\/(cli(_test)?\.ts|commands\/)/,
  "yaml":
    /^(shared\/yaml|tools\/cluster|gractl\/workspace|tests|bench)\/|^gractl\/execution\/params_file\.ts$/,
  "zod": /^(shared\/yaml|grad\/config)\/|^gractl\/(auth|workspace|datasets\/sources|documents\/schema|mcp)\//,
  "proto/gen":
    /^(proto|grad\/rpc|grad\/agent\/grpc|gractl\/client|tests|bench)\/|^shared\/wire_error(_test)?\.ts$/,
};

/** Specifiers that name a version or a host by themselves: those stand in deno.json, once, and in deno.lock. */
export const FOREIGN = /^(npm|jsr|https?|data|blob):/;

/** Folders that implement a port; only their own files, composition roots and tests may import them. */
export const ADAPTERS =
  /^(grad\/(runners\/(kubernetes|local)|agent\/grpc)|gractl\/client\/grpc|gractl\/sync\/sshfs_mounter)/;

/** The beginning of a command in a text, before a value: in backticks, or an option of ours that takes one. */
export const OPEN_COMMAND =
  /(^|[^`])`(gractl|grad|aws|sudo|chmod|sysctl|apt|apt-get|rm|mkdir|ln|kill|fusermount3?) [^`]*$/;

/** Composition roots and test code; benchmarks drive what tests drive. */
export const ROOT_FILES = /(^|\/)main\.ts$|^grad\/serve_(local|kubernetes)\.ts$|^(tests|bench)\//;
export const TEST_FILES = /_test\.ts$|\/testing\/|\/testdata\/|^(tests|bench)\//;

/** Ambient effects, and the files that may use them. */
export const EFFECTS =
  /^(Deno\.(env|exit|args|Command|addSignalListener)|console\.\w+|Date\.now|Math\.random|crypto\.randomUUID)$/;
export const TIMERS: ReadonlySet<string> = new Set(["setTimeout", "setInterval"]);
export const EFFECT_FILES = /(^|\/)main\.ts$|^shared\/(clock|ids|process)\.ts$|^tools\/|^bench\//;
