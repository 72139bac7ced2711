import assert from "node:assert/strict";
import { join } from "node:path";
import { checkSocket, dialChecked } from "./check_socket.ts";

const uid = Deno.uid() ?? 0;

async function socketIn(mode: number): Promise<AsyncDisposable & { path: string; folder: string }> {
  const folder = await Deno.makeTempDir({ dir: "/tmp" });
  const path = join(folder, "s");
  const listener = Deno.listen({ transport: "unix", path });
  await Deno.chmod(folder, mode);
  return {
    path,
    folder,
    async [Symbol.asyncDispose]() {
      listener.close();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** What dialChecked() connects; `closed` counts. */
function fakeConnect(during: () => Promise<void> = () => Promise.resolve()) {
  const seen = { addresses: [] as string[], closed: 0 };
  const connect = async (address: string) => {
    seen.addresses.push(address);
    await during();
    return { [Symbol.asyncDispose]: () => Promise.resolve(void seen.closed++) };
  };
  return { seen, connect };
}

Deno.test("checkSocket() accepts the user's own socket, and one that does not exist in a private folder", async () => {
  await using own = await socketIn(0o700);
  assert.equal((await checkSocket(own.path, { uid })).path, own.path);
  const missing = join(own.folder, "none");
  assert.equal((await checkSocket(missing, { uid })).path, missing);
});

Deno.test("checkSocket() refuses a folder that does not exist: somebody else could make it after the check", async () => {
  const { seen, connect } = fakeConnect();
  await assert.rejects(dialChecked("/nowhere/grad.sock", { uid }, connect), {
    code: "grad_unavailable",
    message: /its folder does not exist/,
  });
  assert.deepEqual(seen.addresses, []);
});

Deno.test("checkSocket() accepts a socket that is removed while it is checked, as that of a grad that ends", async () => {
  await using own = await socketIn(0o700);
  // Another process, since nothing else of this one runs during a check.
  const script = 'while mv "$1" "$1.aside" && mv "$1.aside" "$1"; do :; done';
  const grad = new Deno.Command("/bin/sh", { args: ["-c", script, "sh", own.path] }).spawn();
  try {
    const seen = new Set<boolean>();
    // Until it was there and was not.
    while (seen.size < 2) {
      await checkSocket(own.path, { uid });
      seen.add(await Deno.lstat(own.path).then(() => true, () => false));
    }
    for (let at = 0; at < 300; at++) await checkSocket(own.path, { uid });
  } finally {
    grad.kill("SIGKILL");
    await grad.status;
  }
});

Deno.test("checkSocket() refuses another user's socket, also through a link", async () => {
  await using own = await socketIn(0o700);
  const link = join(own.folder, "link");
  await Deno.symlink(own.path, link);
  for (const path of [own.path, link]) {
    await assert.rejects(checkSocket(path, { uid: uid + 1 }), {
      code: "permission_denied",
      message: /the socket belongs to the user/,
    });
  }
});

Deno.test("checkSocket() refuses what is not a socket, and a link to nothing", async () => {
  await using own = await socketIn(0o700);
  const [file, link] = [join(own.folder, "file"), join(own.folder, "link")];
  await Deno.writeTextFile(file, "");
  await Deno.symlink("/nowhere/at/all", link);
  for (const path of [file, link]) {
    await assert.rejects(checkSocket(path, { uid }), {
      code: "permission_denied",
      message: /it is not a socket/,
    });
  }
});

Deno.test("checkSocket() refuses a folder in which others can replace the socket, one that exists and one that does not", async () => {
  await using open = await socketIn(0o777);
  for (const path of [open.path, join(open.folder, "none")]) {
    await assert.rejects(checkSocket(path, { uid }), {
      code: "permission_denied",
      message: /its folder is not private: other users can write to it/,
    });
  }
});

Deno.test("checkSocket() refuses a private folder that others can replace, but not below a sticky one", async () => {
  await using open = await socketIn(0o777);
  const inner = join(open.folder, "private");
  await Deno.mkdir(inner, { mode: 0o700 });
  await assert.rejects(checkSocket(join(inner, "s"), { uid }), {
    code: "permission_denied",
    message: /above it is open: everybody can write to it/,
  });
  await Deno.chmod(open.folder, 0o1777);
  await checkSocket(join(inner, "s"), { uid });
});

Deno.test("checkSocket() asks about the real folder", async () => {
  await using own = await socketIn(0o700);
  await using elsewhere = await socketIn(0o700);
  const link = join(elsewhere.folder, "link");
  await Deno.symlink(own.folder, link);
  const folderFault = (folder: string) =>
    Promise.resolve(folder === own.folder ? "code writes there" : undefined);
  await checkSocket(elsewhere.path, { uid, folderFault });
  for (const path of [own.path, join(link, "s"), join(link, "none")]) {
    await assert.rejects(checkSocket(path, { uid, folderFault }), { message: /code writes there$/ });
  }
});

Deno.test("dialChecked() connects to the socket behind a link, and returns what is connected", async () => {
  await using own = await socketIn(0o700);
  const link = join(own.folder, "link");
  await Deno.symlink(own.path, link);
  const { seen, connect } = fakeConnect();
  await dialChecked(link, { uid }, connect);
  assert.deepEqual(seen, { addresses: [`unix:${own.path}`], closed: 0 });
});

Deno.test("dialChecked() closes a connection when another folder took the place of the checked one", async () => {
  await using own = await socketIn(0o700);
  await using other = await socketIn(0o700);
  const link = join(own.folder, "now");
  await Deno.symlink(own.path, link);
  const { seen, connect } = fakeConnect(async () => {
    await Deno.remove(link);
    await Deno.symlink(other.path, link);
  });
  await assert.rejects(dialChecked(link, { uid }, connect), {
    code: "permission_denied",
    message: /another folder took its place/,
  });
  assert.equal(seen.closed, 1);
});
