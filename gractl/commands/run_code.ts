import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { GradError } from "../../shared/errors.ts";
import { IDEMPOTENCY_KEY, MAX_CODE_NAME_CHARS } from "../../shared/limits.ts";
import { parseDuration } from "../../shared/duration.ts";
import { checkName } from "../../shared/names.ts";
import { DEFAULT_SPEC } from "../client/runners.ts";
import type { DatasetsOfCall } from "../datasets/datasets_of_call.ts";
import type { Deps } from "../deps.ts";
import { MAX_PARAMS_FILE_BYTES, type Params, parsePairs, toParamsJson } from "../execution/params.ts";
import { processSettings } from "../execution/process_settings.ts";
import { readBounded } from "../file/read_bounded.ts";
import type { DatasetFile } from "../workspace/dataset_file.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { collect } from "./numbers.ts";
import { printable } from "../ui/printable.ts";
import {
  FORCE_FILES_OPTION,
  FULL_TRACEBACK_OPTION,
  NO_INLINE_OPTION,
  OUTPUT_DIR_OPTION,
  outputFolders,
} from "./output_options.ts";
import { runnerToUse } from "./runner_ref.ts";

/** The default deadline without a terminal, where nobody can press Ctrl-C. */
const UNATTENDED_DEADLINE_MS = 30 * 60_000;
/** Deadlines are sent as 32-bit milliseconds. */
const MAX_DEADLINE_MS = 2 ** 32 - 1;

function timeoutMs(text: string): number {
  if (text === "none") return 0;
  const ms = parseDuration(text);
  if (ms >= 1 && ms <= MAX_DEADLINE_MS) return ms;
  throw new GradError("invalid_argument", `Cannot use ${text} as a deadline`, {
    hint: 'Use a duration such as "30s" or "5m", up to 49 days, or "none".',
  });
}

function idempotencyKey(text: string): string {
  if (IDEMPOTENCY_KEY.test(text)) return text;
  throw new GradError(
    "invalid_argument",
    `Cannot use ${JSON.stringify(text.slice(0, 80))} as an idempotency key`,
    {
      hint: "Use 16 to 64 random characters of A-Z, a-z, 0-9, _ and -.",
    },
  );
}

async function paramsOfFile(path: string | undefined): Promise<Params> {
  if (path === undefined) return new Map();
  const { parseParamsFile } = await import("../execution/params_file.ts");
  try {
    return await parseParamsFile(path, await readBounded(path, MAX_PARAMS_FILE_BYTES));
  } catch (thrown) {
    if (thrown instanceof Deno.errors.IsADirectory) {
      throw new GradError("invalid_argument", `Cannot read "${path}": it is a folder`, {
        hint: "Check the path after --params-file.",
      });
    }
    if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
    throw new GradError("file_not_found", `Cannot read "${path}": there is no such file`, {
      hint: "Check the path after --params-file.",
    });
  }
}

/** What tracebacks call the code: its file, where the path can be shown in one line. */
function codeName(file: string | undefined): string {
  if (file === undefined || file.length > MAX_CODE_NAME_CHARS) return "";
  return printable(file) === file ? file : "";
}

async function datasetsFor(
  deps: Deps,
  workspace: Workspace,
  { dataset: names, datasets: wanted }: { dataset: readonly string[]; datasets: boolean },
): Promise<DatasetsOfCall> {
  const { datasetsOfCall, NO_DATASETS } = await import("../datasets/datasets_of_call.ts");
  if (wanted) {
    const { loadDatasets } = await import("../workspace/load_datasets.ts");
    const trusted = (datasets: readonly DatasetFile[]) =>
      deps.trust().require(workspace, { grad: false, datasets });
    return await datasetsOfCall(await loadDatasets(workspace), { names, env: deps.env, trusted });
  }
  if (names.length === 0) return NO_DATASETS;
  throw new GradError("usage", "Cannot use --dataset together with --no-datasets", {
    hint: "Remove one of them.",
  });
}

/** The options of commands that run code. `file` is the path of its file. */
export type RunOptions = Readonly<{
  param: string[];
  paramsFile?: string | undefined;
  env: string[];
  cwd?: string | undefined;
  dataset: string[];
  datasets: boolean;
  session?: string | undefined;
  runner?: string | undefined;
  kernel?: string | undefined;
  timeout?: number | undefined;
  detach: boolean;
  artifacts: boolean;
  fullTraceback: boolean;
  inline: boolean;
  outputDir?: string | undefined;
  force: boolean;
  idempotencyKey?: string | undefined;
  file?: string | undefined;
}>;

/**
 * Adds the options of a command that runs code, but for those that say which code; `runOptionsOf` has their values. They are not
 * in the command's type: inferring a type of so many options for each command takes minutes.
 */
export function addRunOptions(command: CommandUnknownOpts): void {
  command
    .option(
      "--param <name=value>",
      "set a variable to a JSON value, or else to a string (repeatable)",
      collect,
      [],
    )
    .option("--params-file <path>", "JSON or YAML file with variables; --param overrides it")
    .option(
      "--env <name=value>",
      "set an environment variable while the code runs (repeatable)",
      collect,
      [],
    )
    .option("--cwd <dir>", "folder of the runner to run the code in (default: where the session is)")
    .option("--dataset <name>", "do not start the code without this dataset (repeatable)", collect, [])
    .option("--no-datasets", "leave the runner's datasets as they are, and wait for none")
    .option("--session <name>", "session whose variables the code shares (default: the workspace's)")
    .option("--runner <name>", "runner that runs the code (default: the workspace's)")
    .option(
      "--timeout <duration>",
      "time limit, such as 30s, or none (default: none on a terminal, else 30m)",
      timeoutMs,
    )
    .option("--detach", "print the execution id and exit while the code runs", false)
    .option("--no-artifacts", "do not download files that the code writes")
    .option(...FULL_TRACEBACK_OPTION)
    .option(...NO_INLINE_OPTION)
    .option(...OUTPUT_DIR_OPTION)
    .option(...FORCE_FILES_OPTION)
    .option(
      "--idempotency-key <key>",
      "run the code only once for this key (default: a random key)",
      idempotencyKey,
    );
}

/** The values of the options that `addRunOptions` has added. */
export function runOptionsOf(command: CommandUnknownOpts): RunOptions {
  return command.opts() as RunOptions;
}

/** Runs the code that `read` returns in the runner of the options, and shows its output. */
export async function runCode(deps: Deps, read: () => Promise<string>, options: RunOptions): Promise<void> {
  if (options.detach && options.outputDir !== undefined) {
    throw new GradError("usage", "Cannot use --output-dir with --detach: no files are saved then", {
      hint: "Give `gractl execution attach` the --output-dir.",
    });
  }
  if (options.session !== undefined) checkName("session", options.session);
  const code = await read();
  const params = toParamsJson(await paramsOfFile(options.paramsFile), parsePairs(options.param));
  const used = await runnerToUse(deps, options.runner);
  const workspace = await deps.trustedWorkspace();
  const { warnings, missingKeys, ...datasets } = await datasetsFor(deps, workspace, options);
  const { outputDir, force } = options;
  const outputs = await outputFolders(deps, { outputDir, force, workspaceDir: workspace.dir });
  const { execute } = await import("../execution/execute.ts");
  await execute(deps, {
    request: {
      ...used,
      spec: DEFAULT_SPEC,
      session: options.session ?? workspace.session,
      kernel: options.kernel ?? "",
      idempotencyKey: options.idempotencyKey ?? deps.ids.random(24),
      code,
      paramsJson: params,
      deadlineMs: options.timeout ?? (deps.out.terminal ? 0 : UNATTENDED_DEADLINE_MS),
      ...datasets,
      codeName: codeName(options.file),
      columns: deps.out.columns ?? 0,
      process: processSettings(options),
    },
    outputs,
    detach: options.detach,
    artifacts: options.artifacts,
    fullTraceback: options.fullTraceback,
    inline: options.inline,
    warnings,
    missingKeys,
  });
}
