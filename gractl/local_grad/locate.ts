import { resolve } from "node:path";
import { GradError } from "../../shared/errors.ts";

/** How grad is started: a program and its first arguments. */
export type GradCommand = readonly string[];

export type Surroundings = Readonly<{
  env: Readonly<Record<string, string>>;
  cwd: string;
  /** The running executable: gractl itself when compiled, else deno. */
  executable: string;
  /** grad/main.ts beside gractl's own source, where gractl runs from source. */
  source: string | undefined;
  isFile(path: string): Promise<boolean>;
}>;

/**
 * Finds grad: GRACTL_GRAD, else beside gractl, else on PATH, else its source.
 *
 * @throws {GradError} `grad_unavailable` with where it was looked for
 */
export async function locateGrad(around: Surroundings): Promise<GradCommand> {
  const { env, cwd, executable, source, isFile } = around;
  // Absolute, since grad is started in another folder.
  const explicit = env["GRACTL_GRAD"] && resolve(cwd, env["GRACTL_GRAD"]);
  if (explicit) {
    if (await isFile(explicit)) return [explicit];
    throw new GradError(
      "grad_unavailable",
      `Cannot start grad: GRACTL_GRAD names "${explicit}", which is no file`,
    );
  }
  // From source the executable is deno, and a `grad` beside deno is not ours to prefer over the source.
  if (source !== undefined && await isFile(source)) return [executable, "run", "-A", "--quiet", source];
  const folders = [executable.slice(0, executable.lastIndexOf("/")), ...(env["PATH"] ?? "").split(":")];
  for (const folder of folders) {
    const path = resolve(cwd, folder, "grad");
    if (folder !== "" && await isFile(path)) return [path];
  }
  throw new GradError("grad_unavailable", "Cannot start grad: it is neither beside gractl nor on PATH", {
    hint: "Put `grad` beside `gractl`, or set GRACTL_GRAD to its path.",
  });
}
