import { dirname, join } from "node:path";
import { GradError } from "../../../shared/errors.ts";

/** The runner's Python: a virtual environment with the locked packages and grad_runner. */
export type RunnerPython = Readonly<{
  interpreter: string;
  venv: string;
  /** Folder of the interpreter that the environment was made from, e.g. "/usr". */
  basePrefix: string;
}>;

/** Reads what the environment says of itself. @throws {GradError} `runner_failed` when there is none */
export async function findPython(interpreter: string): Promise<RunnerPython> {
  const venv = dirname(dirname(interpreter));
  try {
    await Deno.stat(interpreter);
    const home = /^home\s*=\s*(.+)$/m.exec(await Deno.readTextFile(join(venv, "pyvenv.cfg")))?.[1]?.trim();
    return {
      interpreter,
      venv,
      basePrefix: home === undefined ? "/usr" : dirname(await Deno.realPath(home)),
    };
  } catch (cause) {
    throw new GradError(
      "runner_failed",
      `Cannot find the runners' Python environment: no "${interpreter}" in one`,
      {
        hint: "Run `make run`, or set GRAD_RUNNER_PYTHON to its bin/python.",
        cause,
      },
    );
  }
}
