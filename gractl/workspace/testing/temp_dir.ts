import { join } from "node:path";
import type { Ids } from "../../../shared/ids.ts";

/** A temporary folder of one test. */
export type TempDir = AsyncDisposable & {
  readonly path: string;
  /** Writes a file in it, and creates missing folders. */
  write(name: string, text: string | Uint8Array): Promise<string>;
  read(name: string): Promise<string>;
  /** All paths in it, sorted. */
  list(): Promise<readonly string[]>;
};

export async function tempDir(): Promise<TempDir> {
  const path = await Deno.realPath(await Deno.makeTempDir({ prefix: "gractl-test-" }));
  return {
    path,
    async write(name, text) {
      const file = join(path, name);
      await Deno.mkdir(join(file, ".."), { recursive: true });
      await (typeof text === "string" ? Deno.writeTextFile(file, text) : Deno.writeFile(file, text));
      return file;
    },
    read: (name) => Deno.readTextFile(join(path, name)),
    list: async () => (await below(path)).map((each) => each.slice(path.length + 1)).sort(),
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

async function below(dir: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(dir)) {
    found.push(join(dir, name), ...isDirectory ? await below(join(dir, name)) : []);
  }
  return found;
}

/** A folder that is a workspace, with these files besides `config.yaml`. */
export async function tempWorkspace(files: Readonly<Record<string, string>> = {}): Promise<TempDir> {
  const dir = await tempDir();
  for (const [name, text] of Object.entries({ "config.yaml": CONFIG, ...files })) await dir.write(name, text);
  return dir;
}

/** Predictable ids: "a…a", "b…b", … */
export function fakeIds(): Ids {
  let next = 0;
  return { random: (length) => "abcdefghijklmnopqrstuvwxyz"[next++ % 26]!.repeat(length) };
}

export const CONFIG = `apiVersion: gractl/v1
kind: Workspace
workspaceId: ws-abcdefgh12345678
grad: local
runner: runner-1
session: default
`;
