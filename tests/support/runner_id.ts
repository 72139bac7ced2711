import type { Backend } from "./backend.ts";

/** The id of the runner `name` of the workspace in the folder `cwd`. */
export async function runnerId(gractl: Backend["gractl"], cwd: string, name = "runner-1"): Promise<string> {
  return (await gractl(["runner", "get", name, "-o", "json"], { cwd })).exits(0).json().id;
}
