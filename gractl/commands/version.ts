import { Command } from "@commander-js/extra-typings";
import { API, VERSION } from "../../shared/version.ts";
import type { Deps } from "../deps.ts";

/** `gractl version`: the version of this program; that of grad is in `gractl grad status`. */
export function version(deps: Deps) {
  return new Command("version").description("Show the version of gractl").action(() => {
    const fields = {
      version: VERSION,
      api: API,
      deno: Deno.version.deno,
      platform: `${Deno.build.os}-${Deno.build.arch}`,
    };
    deps.out.document("Version", fields, () => `gractl ${VERSION}`);
  });
}
