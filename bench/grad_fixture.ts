import "../shared/goaway.ts";
import { ChannelCredentials } from "@grpc/grpc-js";
import {
  type ExecuteRequest,
  type ExecuteResponse,
  ExecutionServiceClient,
  type ReadEventsResponse,
} from "../proto/gen/grad/v1/execution.ts";
import { ExecuteRequest as ExecuteRequests } from "../proto/gen/grad/v1/execution.ts";
import { cacheFolder } from "../shared/local_paths.ts";
import { type LineProcess, lineProcess } from "./line_process.ts";

const ROOT = new URL("../", import.meta.url).pathname;
export const CACHE = cacheFolder(Deno.env.toObject());

/** A grad of the benchmark's own, in folders of its own. */
export type GradUnderTest =
  & AsyncDisposable
  & Readonly<{
    folder: string;
    pid: number;
    client: ExecutionServiceClient;
    env: Record<string, string>;
    workspace: string;
    runtime: string;
    state: string;
    /** Executes, and reads on until the execution has finished: under load the first answer may come before the end. */
    execute(code: string, more?: Partial<ExecuteRequest>): Promise<ExecuteResponse>;
  }>;

/** Runs what `make build` or `make run` put in dist/, so that figures are of what users run. */
export function program(name: "grad" | "gractl"): string {
  return `${ROOT}dist/${name}`;
}

export async function startGrad(): Promise<GradUnderTest> {
  const folder = await Deno.makeTempDir({ prefix: "gb-" });
  const runtime = `${folder}/run`;
  await Deno.mkdir(runtime, { mode: 0o700 });
  const address = `unix:${runtime}/grad.sock`;
  const env = {
    GRAD_STATE_DIR: `${folder}/state`,
    GRAD_RUNTIME_DIR: runtime,
    // Contexts and decisions about workspaces, too, are of the benchmark alone.
    XDG_CONFIG_HOME: `${folder}/config`,
    XDG_STATE_HOME: `${folder}/xdg-state`,
    GRACTL_WORKSPACE: `${folder}/workspace`,
  };
  // Its log goes to a file, as gractl has it: a pipe would wake this process in the middle of what it measures.
  const serve = 'exec "$0" serve --backend local --listen "$1" 2>"$2"';
  const grad = new Deno.Command("/bin/sh", {
    args: ["-c", serve, program("grad"), address, `${folder}/grad.log`],
    env,
    stdin: "null",
    stdout: "null",
  }).spawn();
  const client = new ExecutionServiceClient(address, ChannelCredentials.createInsecure(), {
    "grpc.max_receive_message_length": 64 << 20,
  });
  await new Promise<void>((resolve, reject) =>
    client.waitForReady(Date.now() + 30_000, (error) => error ? reject(error) : resolve())
  );
  await gractl(["workspace", "init", `${folder}/workspace`], env);
  const id = /workspaceId:\s*(\S+)/.exec(await Deno.readTextFile(`${folder}/workspace/config.yaml`))![1]!;

  return {
    folder,
    pid: grad.pid,
    client,
    env,
    workspace: `${folder}/workspace`,
    runtime,
    state: `${folder}/state`,
    async execute(code, more = {}) {
      const request = ExecuteRequests.fromPartial({
        runner: { workspaceId: id, name: "runner-1" },
        session: "default",
        idempotencyKey: crypto.randomUUID(),
        code,
        waitMs: 30_000,
        ...more,
      });
      const answer = await new Promise<ExecuteResponse>((resolve, reject) =>
        client.execute(request, (error, answer) => error ? reject(error) : resolve(answer))
      );
      return answer.done ? answer : await readOn(client, answer);
    },
    async [Symbol.asyncDispose]() {
      await gractl(["runner", "destroy", "runner-1", "--force"], env).catch(() => {});
      client.close();
      grad.kill("SIGTERM");
      await grad.status;
      await Deno.remove(folder, { recursive: true });
    },
  };
}

async function readOn(client: ExecutionServiceClient, answer: ExecuteResponse): Promise<ExecuteResponse> {
  const executionId = answer.execution!.id;
  while (!answer.done) {
    const request = { executionId, fromSeq: answer.nextSeq, maxBytes: 1 << 20, waitMs: 30_000 };
    const batch = await new Promise<ReadEventsResponse>((resolve, reject) =>
      client.readEvents(request, (error, batch) => error ? reject(error) : resolve(batch))
    );
    answer = { ...answer, ...batch, events: [...answer.events, ...batch.events] };
  }
  return answer;
}

/** Runs gractl to its end and gives what it printed. */
export async function gractl(args: readonly string[], env: Record<string, string>): Promise<string> {
  const out = await new Deno.Command(program("gractl"), { args: [...args], env, stdin: "null" }).output();
  if (!out.success) throw new Error(`gractl ${args.join(" ")}: ${new TextDecoder().decode(out.stderr)}`);
  return new TextDecoder().decode(out.stdout);
}

/** A Python script of this folder that answers each line of input with a number of milliseconds. */
export function pythonSide(script: string, args: readonly string[]): Promise<LineProcess> {
  const path = new URL(script, import.meta.url).pathname;
  return lineProcess(`${CACHE}/venv/bin/python`, ["-u", path, ...args]);
}
