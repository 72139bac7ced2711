/** Composition root of the local backend: runners are processes of this machine. */
import { systemProcesses } from "../shared/process.ts";
import { VERSION } from "../shared/version.ts";
import { agentClient } from "./agent/grpc/agent_client.ts";
import { dataClient } from "./agent/grpc/data_client.ts";
import { unixUser } from "./auth/unix_user.ts";
import type { LocalConfig } from "./config/config.ts";
import { claimStateFolder } from "./listen/state_folder.ts";
import { unixSocket } from "./listen/unix_socket.ts";
import { LOCAL_IDLE_LIMITS } from "./runners/idle.ts";
import { limitRunners } from "./runners/limit_runners.ts";
import { localDiagnostics } from "./runners/local/diagnostics.ts";
import { fileStore } from "./runners/local/file_store.ts";
import { localBackend } from "./runners/local/local_backend.ts";
import { runnerUsers } from "./runners/local/runner_users.ts";
import { dropClaims } from "./runners/reconciler.ts";
import { runServer, type ThisProcess } from "./run_server.ts";

/** Serves on a unix socket until the process is to stop. */
export async function serveLocal(config: LocalConfig, uid: number, process: ThisProcess): Promise<void> {
  const { stateDir, python, sandboxed, path, environments, maxRunners, maxCalls } = config;
  const { clock, log, instance } = process;
  using claim = await claimStateFolder({ ...config, uid, instance, version: VERSION, now: clock.now });
  const { socket, runtimeDir } = claim;
  const folders = { state: stateDir, runtime: runtimeDir };
  const local = {
    folders,
    python,
    sandboxed,
    sessionIdleSeconds: config.sessionIdleSeconds,
    path,
    protectedFolders: { own: [stateDir, runtimeDir, ...config.clientDirs], home: config.homeDir },
    users: uid === 0 ? runnerUsers(folders) : undefined,
    processes: systemProcesses,
    clock,
    log,
    connect: (at: { agent: string; data: string }) => ({
      agent: agentClient(at.agent),
      data: dataClient(at.data),
    }),
  };
  const store = limitRunners(fileStore(folders, process.ids), maxRunners);
  if (!sandboxed) log.warn("server.no_sandbox", { hint: "Leave `--unsafe-no-sandbox` out." });
  await runServer({
    backend: localBackend(local),
    store,
    environments,
    idle: LOCAL_IDLE_LIMITS,
    diagnostics: localDiagnostics(local),
    authenticator: unixUser,
    listener: await unixSocket(socket),
    probe: () => store.list(),
    maxCalls,
    // The lock of the state folder says that no other instance is there to hold a claim.
    listening: () => dropClaims(store),
  }, process);
}
