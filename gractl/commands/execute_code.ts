import { Command } from "@commander-js/extra-typings";
import { GradError } from "../../shared/errors.ts";
import { parseDuration } from "../../shared/duration.ts";
import { checkName } from "../../shared/names.ts";
import { DEFAULT_SPEC } from "../client/runners.ts";
import type { Deps } from "../deps.ts";
import { readCode } from "../execution/code_source.ts";
import { type Params, parsePairs, toParamsJson } from "../execution/params.ts";
import { collect } from "./numbers.ts";
import { runnerRef } from "./runner_ref.ts";

/** For programs, which may forget that they wait. People have Ctrl-C. */
const UNATTENDED_DEADLINE_MS = 30 * 60_000;
/** Deadlines travel in 32 bits. */
const MAX_DEADLINE_MS = 2 ** 32 - 1;

function timeoutMs(text: string): number {
  if (text === "none") return 0;
  const ms = parseDuration(text);
  if (ms >= 1 && ms <= MAX_DEADLINE_MS) return ms;
  throw new GradError("invalid_argument", `Cannot use ${text} as a deadline`, {
    hint: 'Give "30s", "5m", up to 49 days, or "none".',
  });
}

function idempotencyKey(text: string): string {
  if (/^[A-Za-z0-9_-]{16,64}$/.test(text)) return text;
  throw new GradError(
    "invalid_argument",
    `Cannot use ${JSON.stringify(text.slice(0, 80))} as an idempotency key`,
    {
      hint: "Keys are random, 16 to 64 characters of A-Z, a-z, 0-9, _ and -.",
    },
  );
}

async function paramsOfFile(path: string | undefined): Promise<Params> {
  if (path === undefined) return new Map();
  const { parseParamsFile } = await import("../execution/params_file.ts");
  try {
    return await parseParamsFile(path, await Deno.readTextFile(path));
  } catch (thrown) {
    if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
    throw new GradError("file_not_found", `Cannot read "${path}": there is no such file`, {
      hint: "Check the path given to --params-file.",
    });
  }
}

/** `gractl execute-code`: the main job. */
export function executeCode(deps: Deps) {
  return new Command("execute-code")
    .description("Run code beside the data and show what comes of it")
    .argument("[-]", "read the code from standard input")
    .option("--code <text>", "the code")
    .option("--file <path>", "a file with the code")
    .option(
      "--param <name=value>",
      "a variable for the code: a JSON value, else a string (repeatable)",
      collect,
      [],
    )
    .option("--params-file <path>", "a JSON or YAML object of variables; --param wins")
    .option("--dataset <name>", "only these must be there, instead of all (repeatable)", collect, [])
    .option("--session <name>", "the session, whose variables it shares (default: the workspace's, default)")
    .option("--runner <name>", "the runner (default: the workspace's, runner-1)")
    .option("--kernel <name>", "kernelspec, e.g. bash (default: the session's, python3)")
    .option(
      "--timeout <duration>",
      "deadline, e.g. 30s or 5m, or none (default: none on a terminal, else 30m)",
      timeoutMs,
    )
    .option("--detach", "answer as soon as it is queued", false)
    .option("--no-artifacts", "do not copy the files that the code made")
    .option(
      "--idempotency-key <key>",
      "the same key never runs twice (default: a random one)",
      idempotencyKey,
    )
    .action(async (operand, options) => {
      if (options.session !== undefined) checkName("session", options.session);
      const code = await readCode({ code: options.code, file: options.file, operand }, {
        readFile: (path) => Deno.readFile(path),
        readStdin: deps.readStdin,
      });
      const params = toParamsJson(await paramsOfFile(options.paramsFile), parsePairs(options.param));
      const runner = await runnerRef(deps, options.runner);
      const workspace = await deps.workspace();
      const { datasetsToSend } = await import("../datasets/datasets_to_send.ts");
      const { datasets, required, warnings } = await datasetsToSend(workspace, {
        wanted: options.dataset,
        env: deps.env,
      });
      const { execute } = await import("../execution/execute.ts");
      await execute(deps, {
        request: {
          runner,
          spec: DEFAULT_SPEC,
          session: options.session ?? workspace.session,
          kernel: options.kernel ?? "",
          idempotencyKey: options.idempotencyKey ?? deps.ids.random(24),
          code,
          paramsJson: params,
          deadlineMs: options.timeout ?? (deps.out.terminal ? 0 : UNATTENDED_DEADLINE_MS),
          datasets,
          requiredDatasets: required,
        },
        workspaceDir: workspace.dir,
        detach: options.detach,
        artifacts: options.artifacts,
        warnings,
      });
    });
}
