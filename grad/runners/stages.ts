/** The stage of a runner, and the reason for its phase: closed sets, shown to users and programs. */

/** What grad is doing for the runner; `none` when nothing. */
export type Stage =
  | "none"
  | "waiting"
  | "scheduling"
  | "preparing_node"
  | "pulling_image"
  | "starting_components"
  | "waiting_for_kernels"
  | "mounting_datasets"
  | "stopping_components"
  | "deleting_volume";

/** Why a runner is in its phase; `none` when the phase was requested. */
export type Reason =
  | "none"
  | "components_ended"
  | "component_failing"
  | "no_progress"
  | "unschedulable"
  | "image_unavailable"
  | "idle"
  | "quota_exceeded"
  | "volume_unavailable"
  | "evicted"
  | "sandbox_unavailable"
  | "version_mismatch"
  | "start_failed";

/** For people. */
export const STAGE_TEXT: Readonly<Record<Stage, string>> = {
  none: "",
  waiting: "waiting for grad to start it",
  scheduling: "waiting for a node",
  preparing_node: "attaching its volume and pulling its image",
  pulling_image: "pulling its image",
  starting_components: "starting its components",
  waiting_for_kernels: "waiting until kernels can be started",
  mounting_datasets: "mounting datasets",
  stopping_components: "stopping its components",
  deleting_volume: "deleting its files",
};

/**
 * How long a stage of a start may go on without any progress, in milliseconds. There is no limit for a start as a whole: pulling an
 * image may take minutes. Waiting for kernels covers imports on a cold, busy disk.
 */
export const STALL_MS: Readonly<Record<Stage, number>> = {
  none: 90_000,
  waiting: 90_000,
  scheduling: 300_000,
  preparing_node: 900_000,
  pulling_image: 900_000,
  starting_components: 90_000,
  waiting_for_kernels: 90_000,
  mounting_datasets: 90_000,
  stopping_components: 60_000,
  deleting_volume: 600_000,
};
