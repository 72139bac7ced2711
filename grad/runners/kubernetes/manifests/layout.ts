/** Users, ports and paths of a runner's pod: what its containers agree on. Dockerfile.runner makes the same users. */

/** kernel, agent and ssh. */
export const USER = 1000;
/** data: another user than code's, although containers keep them apart anyway. */
export const DATA_USER = 1001;
/** The group that all of them share; the volume belongs to it. */
export const GROUP = 1000;

export const AGENT_PORT = 7070;
export const DATA_PORT = 7071;

/** Folder of the Python environment in the image. */
export const VENV = "/opt/grad/venv";
export const PYTHON = `${VENV}/bin/python`;

export const WORKSPACE = "/workspace";
/** Datasets: a volume of its own, which only the mount component can write. */
export const DATA = "/workspace/data";
/** The agent's part of the volume. */
export const STATE = "/state";
/** The kernel component's sockets, spools and files of output, shared with the agent: on the volume, since code fills them. */
export const KERNEL_DIR = "/run/grad";
/** What does not fit into the memory of user code: temporary, and on the volume, since it counts as storage. */
export const SPILL = "/var/tmp";
/** The same folder for the agent, which measures it, and whose own temporary files are not to be there. */
export const SPILL_OF_AGENT = "/spill";
/** Server certificate, key and CA, for agent and data. */
export const TLS = "/run/tls";
export const MOUNT_SOCKET = "/run/mount/mount.sock";
/** In memory, and seen by the data component alone: the datasets as they were applied last, so that its restart heals by itself. */
export const APPLIED = "/run/keys/applied";
/** Which datasets are attached: written by data, read by the agent. */
export const DATASETS_VERSION = "/run/datasets/version";

/** The name that a runner's certificate is for, whatever the address of its pod. */
export function serverName(id: string): string {
  return `${id}.runner.grad.internal`;
}

export const certificateName = (id: string) => `${id}-tls`;
export const volumeName = (id: string) => `${id}-volume`;
