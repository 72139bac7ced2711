import assert from "node:assert/strict";
import { join } from "node:path";
import { cacheFolder } from "../../shared/local_paths.ts";
import { freePort } from "./free_port.ts";
import { eventually, run, start } from "./process.ts";
import { type S3Keys, S3Uploader } from "./s3_uploader.ts";

/** A real S3 server on loopback that only this test uses, with users and permissions. */
export type S3Server = AsyncDisposable & {
  readonly port: number;
  readonly endpoint: string;
  readonly admin: S3Keys;
  /** Uses the administrator's keys. */
  readonly uploader: S3Uploader;
  /** A user who may do nothing until a bucket's policy says so. */
  addUser(name: string): Promise<S3Keys>;
  /** Ends the server; the port stays the same when it is started again. */
  stop(): Promise<void>;
  /** Stops answering, while connections are accepted and stay open. */
  freeze(): void;
  thaw(): void;
  restart(): Promise<void>;
};

function binary(): string {
  return Deno.env.get("GRAD_TEST_VERSITYGW") ?? join(cacheFolder(Deno.env.toObject()), "bin/versitygw");
}

/** Random, so that it occurs in files and logs only if it was leaked. */
function secret(): string {
  return `s3cr3t${crypto.randomUUID().replaceAll("-", "")}`;
}

/** `host` is the address to listen on; pods reach the machine by another one than loopback. */
export async function startS3Server(dir: string, host = "127.0.0.1"): Promise<S3Server> {
  for (const name of ["objects", "iam"]) Deno.mkdirSync(join(dir, name), { recursive: true });
  const admin: S3Keys = { accessKeyId: "ADMINKEY", secretAccessKey: secret() };
  const port = freePort();
  const endpoint = `http://${host}:${port}`;
  // Keys are passed in the environment, since every user can read argument lists.
  const env = {
    ROOT_ACCESS_KEY: admin.accessKeyId,
    ROOT_SECRET_KEY: admin.secretAccessKey,
    PATH: "/usr/bin:/bin",
  };
  const begin = async () => {
    const iam = ["--iam-dir", join(dir, "iam"), "--iam-cache-disable"];
    const listen = ["--port", `${host}:${port}`, "--health", "/health", "--keep-alive", "--quiet"];
    const argv = [binary(), ...listen, ...iam, "posix", join(dir, "objects")];
    const server = start(argv, { env, cwd: dir, deadlineMs: 1_800_000 });
    await eventually(`versitygw on ${endpoint}`, () => isUp(endpoint), 15_000);
    return server;
  };
  let server = await begin();

  async function stop(): Promise<void> {
    server.signal("SIGKILL");
    await server.ended;
  }
  return {
    port,
    endpoint,
    admin,
    uploader: new S3Uploader(endpoint, admin),
    async addUser(name) {
      const keys = { accessKeyId: `KEY${name.toUpperCase()}`, secretAccessKey: secret() };
      const user = ["create-user", "-a", keys.accessKeyId, "-s", keys.secretAccessKey, "-r", "user"];
      const ended = await run([binary(), "admin", "--endpoint-url", endpoint, ...user], {
        env: { ADMIN_ACCESS_KEY: admin.accessKeyId, ADMIN_SECRET_KEY: admin.secretAccessKey },
        cwd: dir,
      });
      assert.equal(ended.code, 0, ended.stderr);
      return keys;
    },
    stop,
    freeze: () => server.signal("SIGSTOP"),
    thaw: () => server.signal("SIGCONT"),
    async restart() {
      server = await begin();
    },
    async [Symbol.asyncDispose]() {
      await stop();
      await Deno.remove(dir, { recursive: true });
    },
  };
}

async function isUp(endpoint: string): Promise<true | undefined> {
  try {
    const response = await fetch(`${endpoint}/health`);
    await response.body?.cancel();
    return response.ok ? true : undefined;
  } catch {
    return undefined;
  }
}
