import assert from "node:assert/strict";
import { join } from "node:path";
import { checkSocket } from "./check_socket.ts";

const uid = Deno.uid() ?? 0;

async function socketIn(mode: number): Promise<AsyncDisposable & { address: string; folder: string }> {
  const folder = await Deno.makeTempDir({ dir: "/tmp" });
  const path = join(folder, "s");
  const listener = Deno.listen({ transport: "unix", path });
  await Deno.chmod(folder, mode);
  return {
    address: `unix:${path}`,
    folder,
    async [Symbol.asyncDispose]() {
      listener.close();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

Deno.test("checkSocket() accepts the user's own socket and a missing one", async () => {
  await using own = await socketIn(0o700);
  await checkSocket(own.address, uid);
  await checkSocket("unix:/nowhere/grad.sock", uid);
});

Deno.test("checkSocket() accepts a socket that is removed while it is checked, as that of a grad that ends", async () => {
  await using own = await socketIn(0o700);
  const [path, aside] = [join(own.folder, "s"), join(own.folder, "aside")];
  const checking = Promise.all(Array.from({ length: 300 }, () => checkSocket(own.address, uid)));
  let done = false;
  void checking.finally(() => done = true).catch(() => {});
  while (!done) {
    await Deno.rename(path, aside);
    await Deno.rename(aside, path);
  }
  await checking;
});

Deno.test("checkSocket() refuses another user's socket, also through a link", async () => {
  await using own = await socketIn(0o700);
  const link = join(own.folder, "link");
  await Deno.symlink(own.address.slice("unix:".length), link);
  for (const address of [own.address, `unix:${link}`]) {
    await assert.rejects(checkSocket(address, uid + 1), {
      code: "permission_denied",
      message: /the socket belongs to the user/,
    });
  }
});

Deno.test("checkSocket() refuses a folder in which others can replace the socket", async () => {
  await using open = await socketIn(0o777);
  await assert.rejects(checkSocket(open.address, uid), {
    code: "permission_denied",
    message: /its folder is not private: other users can write to it/,
  });
});
