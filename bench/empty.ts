// The baseline of gractl's process: what a Deno that does nothing costs.
