import { join } from "node:path";

/** The folders of the local backend; see {@link runnerPaths} for those of one runner. */
export type LocalFolders = Readonly<{
  /** Outlives a reboot: records, volumes, logs. */
  state: string;
  /** Sockets; may be emptied by a reboot. */
  runtime: string;
}>;

/** Everything of one runner on the disk. Inside the sandbox the workspace is /workspace, whatever it is here. */
export type RunnerPaths = ReturnType<typeof runnerPaths>;

export function runnerPaths(folders: LocalFolders, id: string) {
  const folder = join(runnersFolder(folders), id);
  const runtime = join(folders.runtime, id);
  const volume = join(folder, "volume");
  const workspace = join(volume, "workspace");
  return {
    folder,
    initPid: join(folder, "init.json"),
    volume,
    workspace,
    code: join(workspace, "code"),
    outputs: join(workspace, "outputs"),
    /** Where the sandbox shows the datasets; on the machine an empty folder. */
    dataPlace: join(workspace, "data"),
    /** Empty on the machine; in the init's mount namespace the datasets. */
    data: join(runtime, "data"),
    agentState: join(volume, "state"),
    /** Which datasets are attached: written by the data component, read by the agent. */
    datasetsVersion: join(runtime, "datasets.version"),
    cache: join(folder, "cache"),
    /** What does not fit into the memory of user code: temporary, and on the volume since it counts as storage. */
    spill: join(volume, "spill"),
    logs: join(folder, "logs"),
    accounts: join(folder, "etc"),
    runtime,
    plan: join(runtime, "plan.json"),
    /** The kernel component's sockets and spools; in the init's mount namespace `kernelFiles`, on the machine an empty folder. */
    kernel: join(runtime, "kernel"),
    /** On the volume, since code can fill it: the runtime folder is the user's, and often memory. */
    kernelFiles: join(volume, "kernel"),
    initSocket: join(runtime, "init.sock"),
    agentSocket: join(runtime, "agent.sock"),
    dataSocket: join(runtime, "data.sock"),
    supervisorSocket: join(runtime, "kernel", "supervisor.sock"),
    log: (component: string) => join(folder, "logs", `${component}.log`),
  } as const;
}

/** Where the folders of all runners are. */
export function runnersFolder(folders: LocalFolders): string {
  return join(folders.state, "runners");
}

/** Where the records of all runners are. */
export function recordsFolder(folders: LocalFolders): string {
  return join(folders.state, "records");
}

export function recordPath(folders: LocalFolders, id: string): string {
  return join(recordsFolder(folders), `${id}.json`);
}

/** The lock that writers of a record and starters of an init hold; never deleted, so that all lock the same file. */
export function lockPath(folders: LocalFolders, id: string): string {
  return join(folders.state, "locks", id);
}
