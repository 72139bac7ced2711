import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { GradError } from "../../shared/errors.ts";
import type { FileCalls } from "../client/files.ts";
import { localPath } from "../confined/destination.ts";
import { download } from "./download.ts";
import { upload } from "./upload.ts";

const RUNNER = { workspaceId: "ws-abcdefgh12345678", name: "runner-1" };
const signal = new AbortController().signal;
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const noise = (length: number) => Uint8Array.from({ length }, (_, at) => (at * 7_919 + (at >> 8)) & 255);

async function withFolder(use: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "gractl-test-" });
  try {
    await use(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** A file in a runner, returned in parts of at most 1,000 bytes; fails after `parts` of them. */
function remote(file: { bytes: Uint8Array; revision: string }, parts = Infinity) {
  const offsets: number[] = [];
  const files: Pick<FileCalls, "read"> = {
    read({ offset, revision }) {
      if (offsets.length >= parts) return Promise.reject(new GradError("grad_unavailable", "Cut"));
      offsets.push(offset);
      if (revision !== "" && revision !== file.revision) {
        return Promise.reject(new GradError("file_changed", "Changed"));
      }
      const data = file.bytes.subarray(offset, offset + 1_000);
      return Promise.resolve({ data, totalBytes: file.bytes.length, revision: file.revision, mode: 0o644 });
    },
  };
  return { files, offsets };
}

Deno.test("download() writes the whole file and removes its temporary files", () =>
  withFolder(async (dir) => {
    const bytes = noise(2_500);
    const { files } = remote({ bytes, revision: "1" });
    const to = { root: dir, path: ["sub", "out.bin"] as const };
    const got = await download({ files, signal }, {
      source: { runner: RUNNER, path: "outputs/x" },
      to,
    });
    assert.deepEqual(got, { bytes: 2_500, sha256: sha256(bytes), mode: 0o644, resumedAt: 0 });
    assert.deepEqual(await Deno.readFile(localPath(to)), bytes);
    assert.deepEqual([...Deno.readDirSync(join(dir, "sub"))].map(({ name }) => name), ["out.bin"]);
  }));

Deno.test("download() leaves nothing of a file that is refused", () =>
  withFolder(async (dir) => {
    const files = { read: () => Promise.reject(new GradError("file_not_found", "None")) };
    const what = { source: { runner: RUNNER, path: "outputs/x" }, to: { root: dir, path: ["out"] as const } };
    await assert.rejects(download({ files, signal }, what), { code: "file_not_found" });
    assert.deepEqual([...Deno.readDirSync(dir)], []);
  }));

Deno.test("download() replaces a file, but with `exclusive` not even one that comes during the download", () =>
  withFolder(async (dir) => {
    const bytes = noise(2_500);
    const what = { source: { runner: RUNNER, path: "outputs/x" }, to: { root: dir, path: ["out"] as const } };
    const out = join(dir, "out");
    await Deno.writeTextFile(out, "mine");
    const first = remote({ bytes, revision: "1" });
    const refused = { code: "file_exists" };
    await assert.rejects(download({ files: first.files, signal }, { ...what, exclusive: true }), refused);
    assert.deepEqual(first.offsets, [], "nothing is read");
    await Deno.remove(out);
    const { files } = remote({ bytes, revision: "1" });
    const progress = () => Deno.writeTextFileSync(out, "mine");
    await assert.rejects(download({ files, signal, progress }, { ...what, exclusive: true }), refused);
    assert.equal(await Deno.readTextFile(out), "mine");
    await Deno.remove(out);
    await download({ files, signal }, { ...what, exclusive: true });
    assert.deepEqual(await Deno.readFile(out), bytes);
    await Deno.writeTextFile(out, "mine");
    await download({ files, signal }, what);
    assert.deepEqual(await Deno.readFile(out), bytes);
    assert.deepEqual([...Deno.readDirSync(dir)].map(({ name }) => name), ["out"]);
  }));

Deno.test("download() of an empty file creates an empty file", () =>
  withFolder(async (dir) => {
    const { files } = remote({ bytes: new Uint8Array(), revision: "1" });
    const to = { root: dir, path: ["empty"] as const };
    await download({ files, signal }, {
      source: { runner: RUNNER, path: "outputs/x" },
      to,
    });
    assert.equal((await Deno.stat(localPath(to))).size, 0);
  }));

Deno.test("download() continues an interrupted download", () =>
  withFolder(async (dir) => {
    const bytes = noise(4_200);
    const what = {
      source: { runner: RUNNER, path: "outputs/x" },
      to: { root: dir, path: ["out"] as const },
      announced: { bytes: bytes.length, sha256: sha256(bytes) },
    };
    const cut = remote({ bytes, revision: "1" }, 2);
    await assert.rejects(download({ files: cut.files, signal }, what), { code: "grad_unavailable" });
    await assert.rejects(Deno.stat(localPath(what.to)), Deno.errors.NotFound);
    const rest = remote({ bytes, revision: "1" });
    assert.equal((await download({ files: rest.files, signal }, what)).resumedAt, 2_000);
    assert.equal(rest.offsets[0], 2_000);
    assert.deepEqual(await Deno.readFile(localPath(what.to)), bytes);
  }));

Deno.test("download() starts again where the file has changed since", () =>
  withFolder(async (dir) => {
    const what = { source: { runner: RUNNER, path: "outputs/x" }, to: { root: dir, path: ["out"] as const } };
    const old = remote({ bytes: noise(4_200), revision: "1" }, 2);
    await assert.rejects(download({ files: old.files, signal }, what), { code: "grad_unavailable" });
    const bytes = noise(1_700).reverse();
    const changed = remote({ bytes, revision: "2" });
    await download({ files: changed.files, signal }, what);
    assert.deepEqual(changed.offsets, [2_000, 0, 1_000]);
    assert.deepEqual(await Deno.readFile(localPath(what.to)), bytes);
  }));

Deno.test("download() continues after its first part, and starts at 0 where the received part is unusable", () =>
  withFolder(async (dir) => {
    const bytes = noise(2_500);
    const what = { source: { runner: RUNNER, path: "outputs/x" }, to: { root: dir, path: ["out"] as const } };
    const cut = remote({ bytes, revision: "1" }, 1);
    await assert.rejects(download({ files: cut.files, signal }, what), { code: "grad_unavailable" });
    const earlier: [part: Uint8Array, revision: string, offsets: number[]][] = [
      [bytes.subarray(0, 1_000), "1", [1_000, 2_000]],
      [bytes.subarray(0, 1), "1", [1, 1_001, 2_001]],
      [new Uint8Array(), "1", [0, 1_000, 2_000]],
      [noise(7), "", [0, 1_000, 2_000]],
    ];
    for (const [at, [part, revision, offsets]] of earlier.entries()) {
      if (at > 0) {
        await Deno.writeFile(`${localPath(what.to)}.part`, part);
        await Deno.writeTextFile(`${localPath(what.to)}.part.revision`, revision);
      }
      const rest = remote({ bytes, revision: "1" });
      await download({ files: rest.files, signal }, what);
      assert.deepEqual(rest.offsets, offsets);
      assert.deepEqual(await Deno.readFile(localPath(what.to)), bytes);
    }
  }));

for (const kind of ["symlink", "link"] as const) {
  Deno.test(`download() replaces a ${kind} in place of its temporary files and its target`, () =>
    withFolder(async (dir) => {
      const bytes = noise(1_500);
      const what = {
        source: { runner: RUNNER, path: "outputs/x" },
        to: { root: dir, path: ["out"] as const },
      };
      const secret = join(dir, "secret");
      await Deno.writeTextFile(secret, "1");
      for (const name of ["out", "out.part", "out.part.revision"]) await Deno[kind](secret, join(dir, name));
      const { files } = remote({ bytes, revision: "1" });
      assert.equal((await download({ files, signal }, what)).resumedAt, 0);
      assert.deepEqual(await Deno.readFile(join(dir, "out")), bytes);
      assert.equal(await Deno.readTextFile(secret), "1");
      assert.deepEqual([...Deno.readDirSync(dir)].map(({ name }) => name).sort(), ["out", "secret"]);
    }));
}

Deno.test("download() keeps the received part when continuing fails", () =>
  withFolder(async (dir) => {
    const what = { source: { runner: RUNNER, path: "outputs/x" }, to: { root: dir, path: ["out"] as const } };
    for (const parts of [2, 0]) {
      const { files } = remote({ bytes: noise(4_200), revision: "1" }, parts);
      await assert.rejects(download({ files, signal }, what), { code: "grad_unavailable" });
      assert.equal((await Deno.stat(`${localPath(what.to)}.part`)).size, 2_000);
    }
  }));

Deno.test("download() fails where the file changes or ends during the download, and reports progress", () =>
  withFolder(async (dir) => {
    const what = { source: { runner: RUNNER, path: "outputs/x" }, to: { root: dir, path: ["out"] as const } };
    const file = { bytes: noise(2_500), revision: "1" };
    const progress = (done: number) => void (done === 1_000 && (file.revision = "2"));
    await assert.rejects(download({ ...remote(file), signal, progress }, what), { code: "file_changed" });
    const short: Pick<FileCalls, "read"> = {
      read: () => Promise.resolve({ data: new Uint8Array(), totalBytes: 9, revision: "3", mode: 0o644 }),
    };
    await assert.rejects(download({ files: short, signal }, { ...what, to: { root: dir, path: ["b"] } }), {
      code: "file_changed",
      message: /ended at 0 of 9 bytes/,
    });
  }));

const ANNOUNCED = { bytes: 100, sha256: sha256(noise(100)) };
const otherThanAnnounced: [name: string, bytes: Uint8Array, message: RegExp, reads: number][] = [
  ["larger", noise(4_200), /had 100 bytes, and has 4200 now/, 1],
  ["smaller", noise(99), /had 100 bytes, and has 99 now/, 1],
  ["empty", new Uint8Array(), /had 100 bytes, and has 0 now/, 1],
  ["of the same size, with other content", noise(101).subarray(1), /content is not what was announced/, 1],
];
for (const [name, bytes, message, reads] of otherThanAnnounced) {
  Deno.test(`download() of an announced file that is ${name} now stores nothing and says so`, () =>
    withFolder(async (dir) => {
      const { files, offsets } = remote({ bytes, revision: "1" });
      const to = { root: dir, path: ["out"] as const };
      const what = { source: { runner: RUNNER, path: "outputs/x" }, to, announced: ANNOUNCED };
      await assert.rejects(download({ files, signal }, what), { code: "file_changed", message });
      assert.deepEqual([...Deno.readDirSync(dir)], []);
      assert.equal(offsets.length, reads);
    }));
}

Deno.test("download() of an announced file ignores what an earlier download of another one left", () =>
  withFolder(async (dir) => {
    const to = { root: dir, path: ["out"] as const };
    await Deno.writeFile(`${localPath(to)}.part`, noise(200));
    await Deno.writeTextFile(`${localPath(to)}.part.revision`, "1");
    const { files } = remote({ bytes: noise(100), revision: "1" });
    const what = { source: { runner: RUNNER, path: "outputs/x" }, to, announced: ANNOUNCED };
    assert.equal((await download({ files, signal }, what)).bytes, 100);
    assert.deepEqual(await Deno.readFile(localPath(to)), noise(100));
  }));

Deno.test("download() stores no more than the size of the first answer", () =>
  withFolder(async (dir) => {
    let totalBytes = 10;
    const growing: Pick<FileCalls, "read"> = {
      read: () => Promise.resolve({ data: noise(6), totalBytes: totalBytes++, revision: "1", mode: 0o644 }),
    };
    const what = { source: { runner: RUNNER, path: "outputs/x" }, to: { root: dir, path: ["out"] as const } };
    await assert.rejects(download({ files: growing, signal }, what), { code: "file_changed" });
    const more: Pick<FileCalls, "read"> = {
      read: () => Promise.resolve({ data: noise(11), totalBytes: 10, revision: "1", mode: 0o644 }),
    };
    await assert.rejects(download({ files: more, signal }, what), { code: "file_changed" });
    assert.deepEqual([...Deno.readDirSync(dir)], []);
  }));

/** A runner that accepts uploads; the responses to `lostResponses` parts are lost. */
function target(options: { there?: number; lostResponses?: number } = {}) {
  const received = new Uint8Array(10 * 2 ** 20);
  let end = options.there ?? 0;
  let lost = options.lostResponses ?? 0;
  const begins: Record<string, unknown>[] = [];
  const files: Pick<FileCalls, "beginUpload" | "writeUpload" | "finishUpload"> = {
    beginUpload(request) {
      begins.push(request);
      return Promise.resolve({ uploadId: "u", offset: end });
    },
    writeUpload({ offset, data }) {
      if (offset !== end) return Promise.reject(new GradError("upload_offset", "Elsewhere"));
      received.set(data, offset);
      end += data.length;
      if (lost-- > 0) return Promise.reject(new GradError("upload_offset", "As a repeated call would say"));
      return Promise.resolve(end);
    },
    finishUpload: () =>
      Promise.resolve({ path: "outputs/x", type: "file", bytes: end, modifiedAt: undefined, mode: 0o644 }),
  };
  return { files, begins, received: () => received.subarray(0, end) };
}

Deno.test("upload() sends the file with its size, checksum and mode", () =>
  withFolder(async (dir) => {
    const bytes = noise(5_000_000);
    await Deno.writeFile(join(dir, "in"), bytes, { mode: 0o705 });
    const { files, begins, received } = target();
    const done: number[] = [];
    const what = { from: join(dir, "in"), target: { runner: RUNNER, path: "outputs/x" } };
    const put = await upload({ files, signal, progress: (bytes) => done.push(bytes) }, what);
    assert.deepEqual(received(), bytes);
    assert.equal(put.sha256, sha256(bytes));
    assert.deepEqual(begins, [{
      runner: RUNNER,
      path: "outputs/x",
      totalBytes: 5_000_000,
      sha256: sha256(bytes),
      mode: 0o705,
    }]);
    assert.equal(done.at(-1), 5_000_000);
  }));

Deno.test("upload() continues an interrupted upload", () =>
  withFolder(async (dir) => {
    const bytes = noise(3_000_000);
    await Deno.writeFile(join(dir, "in"), bytes);
    const { files, received } = target({ there: 2_999_000 });
    const what = { from: join(dir, "in"), target: { runner: RUNNER, path: "outputs/x" } };
    assert.equal((await upload({ files, signal }, what)).resumedAt, 2_999_000);
    assert.deepEqual(received().subarray(2_999_000), bytes.subarray(2_999_000));
  }));

Deno.test("upload() asks for the offset again where the response to a part was lost", () =>
  withFolder(async (dir) => {
    const bytes = noise(5_000_000);
    await Deno.writeFile(join(dir, "in"), bytes);
    const { files, begins, received } = target({ lostResponses: 2 });
    await upload({ files, signal }, { from: join(dir, "in"), target: { runner: RUNNER, path: "outputs/x" } });
    assert.equal(begins.length, 3);
    assert.deepEqual(received(), bytes);
  }));

Deno.test("upload() refuses a missing file and a folder", () =>
  withFolder(async (dir) => {
    const { files } = target();
    const put = (from: string) =>
      upload({ files, signal }, { from, target: { runner: RUNNER, path: "outputs/x" } });
    await assert.rejects(put(join(dir, "none")), { code: "file_not_found", message: /none/ });
    await assert.rejects(put(dir), { code: "invalid_argument" });
  }));

Deno.test("upload() gives up after five mismatches of offsets, and at once on another error", () =>
  withFolder(async (dir) => {
    await Deno.writeFile(join(dir, "in"), noise(10));
    for (const [code, count] of [["upload_offset", 5], ["storage_full", 1]] as const) {
      const { files, begins } = target();
      const failing = { ...files, writeUpload: () => Promise.reject(new GradError(code, "No")) };
      const what = { from: join(dir, "in"), target: { runner: RUNNER, path: "outputs/x" } };
      await assert.rejects(upload({ files: failing, signal }, what), { code });
      assert.equal(begins.length, count);
    }
  }));

Deno.test("upload() fails where the file becomes shorter while it is read", () =>
  withFolder(async (dir) => {
    await Deno.writeFile(join(dir, "in"), noise(10));
    const { files } = target();
    const truncating: typeof files = {
      ...files,
      async beginUpload(request, signal) {
        await Deno.truncate(join(dir, "in"));
        return await files.beginUpload(request, signal);
      },
    };
    const what = { from: join(dir, "in"), target: { runner: RUNNER, path: "outputs/x" } };
    await assert.rejects(upload({ files: truncating, signal }, what), {
      code: "file_changed",
      message: /became shorter/,
    });
  }));
