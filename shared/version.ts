import config from "../deno.json" with { type: "json" };

/** Semantic version of this build, of gractl and grad alike. */
export const VERSION: string = config.version;

/** Number of the API in proto/grad/v1. */
export const API = 1;
