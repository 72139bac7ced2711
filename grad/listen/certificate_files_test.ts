import assert from "node:assert/strict";
import { jsonLogger } from "../../shared/log.ts";
import { fakeClock } from "../../shared/testing/fake_clock.ts";
import { Authority } from "../runners/kubernetes/certificates.ts";
import { CertificateFiles, type KeyPair, READ_AGAIN_MS } from "./certificate_files.ts";

const NOW = Date.UTC(2026, 10, 24);
const authority = await Authority.load(await Authority.create(NOW));
const issue = (days = 90) => authority.server("grad.test", NOW, days);

/** Files in memory, and what is made of them. */
async function world() {
  const first = await issue();
  const files = new Map([["crt", first.certificate], ["key", first.key]]);
  const lines: Record<string, unknown>[] = [];
  const clock = fakeClock(NOW);
  const subject = new CertificateFiles({
    files: { certificate: "crt", key: "key" },
    readFile: (path) => Promise.resolve(files.get(path) ?? Promise.reject(new Error("No such file"))),
    clock,
    log: jsonLogger((line) => void lines.push(JSON.parse(line)), clock),
  });
  const put = ({ certificate, key }: Partial<KeyPair>) => {
    if (certificate !== undefined) files.set("crt", certificate);
    if (key !== undefined) files.set("key", key);
  };
  /** Lets the time pass until the files have been read again. */
  const pass = async () => {
    await clock.advance(READ_AGAIN_MS);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { first, files, lines, subject, put, pass, events: () => lines.map(({ event }) => event) };
}

Deno.test("CertificateFiles hands on the pair at once, and each one that replaces it", async () => {
  const { first, subject, put, pass, events } = await world();
  await subject.load();
  const seen: KeyPair[] = [];
  const watching = subject.watch((pair) => void seen.push(pair));
  assert.deepEqual(seen, [first]);
  const stop = new AbortController();
  const following = subject.follow(stop.signal);
  await pass();
  assert.equal(seen.length, 1, "what has not changed is not handed on again");
  const second = await issue();
  put(second);
  await pass();
  assert.deepEqual(seen, [first, second]);
  assert.deepEqual(subject.current, second);
  assert.deepEqual(events(), ["certificate.loaded", "certificate.loaded"]);
  watching[Symbol.dispose]();
  put(await issue());
  await pass();
  assert.equal(seen.length, 2);
  stop.abort();
  await following;
});

Deno.test("CertificateFiles keeps what it has while the files cannot be used, and reports that once", async () => {
  const { first, files, lines, subject, put, pass } = await world();
  await subject.load();
  const stop = new AbortController();
  const following = subject.follow(stop.signal);
  const second = await issue();
  put({ certificate: second.certificate });
  await pass();
  await pass();
  assert.deepEqual(subject.current, first, "a certificate of another key is not used");
  files.delete("key");
  await pass();
  assert.deepEqual(subject.current, first);
  const faults = lines.filter(({ event }) => event === "certificate.unusable").map(({ error }) => error);
  assert.deepEqual(faults, ["Cannot use key: it is not the key of crt", "Cannot read key: No such file"]);
  put({ key: second.key });
  await pass();
  assert.deepEqual(subject.current, second);
  stop.abort();
  await following;
});

Deno.test("CertificateFiles.load() refuses what is no certificate or no key, and quotes neither", async () => {
  for (const [file, text] of [["crt", "secret words"], ["key", "secret words"], ["crt", ""]] as const) {
    const { files, subject } = await world();
    files.set(file, text);
    await assert.rejects(subject.load(), (thrown: Error & { code?: string }) => {
      assert.equal(thrown.code, "invalid_file");
      assert.equal(thrown.message, `Cannot use ${file}: it is not in PEM`);
      return true;
    });
    assert.throws(() => subject.current, /has not been loaded/);
  }
});

Deno.test("CertificateFiles warns once of a certificate that was not renewed in time", async () => {
  const { subject, put, events } = await world();
  put(await issue(6));
  await subject.load();
  await subject.load();
  assert.deepEqual(events(), ["certificate.ends_soon", "certificate.loaded"]);
});

Deno.test("CertificateFiles.follow() ends when its signal has aborted already", async () => {
  const { subject } = await world();
  await subject.follow(AbortSignal.abort());
});
