import assert from "node:assert/strict";

/** The result of a program: its exit code, and the first `maxBytes` of each stream. */
export type Ended = Readonly<{
  argv: readonly string[];
  code: number;
  signal: string | null;
  stdout: string;
  stderr: string;
  stdoutBytes: Uint8Array;
  /** The length of all of stdout, in bytes. */
  stdoutTotal: number;
  elapsedMs: number;
}>;

export type StartOptions = Readonly<{
  env: Readonly<Record<string, string>>;
  cwd: string;
  stdin?: string | Uint8Array | ReadableStream<Uint8Array> | undefined;
  /** The program is killed, and the test fails, when it runs longer. */
  deadlineMs?: number | undefined;
  /** Bytes of each stream that are stored; the rest is only counted. */
  maxBytes?: number | undefined;
}>;

/** A running program: a scenario can read its output, signal it, wait for it. */
export type Running = Readonly<{
  pid: number;
  /** What it has written so far. */
  seen(): Readonly<{ stdout: string; stderr: string }>;
  /** Waits until `pattern` occurs in what it writes to either stream; fails when it ends without. */
  saw(pattern: RegExp, deadlineMs?: number): Promise<void>;
  signal(name: Deno.Signal): void;
  ended: Promise<Ended>;
}>;

/** Starts a program with exactly the environment given. */
export function start(argv: readonly string[], options: StartOptions): Running {
  const { env, cwd, stdin, deadlineMs = 120_000, maxBytes = 64 << 20 } = options;
  const [program = "", ...args] = argv;
  const began = performance.now();
  const child = new Deno.Command(program, {
    args,
    cwd,
    env: { ...env },
    clearEnv: true,
    stdin: stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const out = keep(child.stdout, maxBytes);
  const err = keep(child.stderr, maxBytes);
  if (stdin !== undefined) void feed(child.stdin, stdin);

  let late = false;
  const timer = setTimeout(() => {
    late = true;
    trySignal(child, "SIGKILL");
  }, deadlineMs);

  async function finish(): Promise<Ended> {
    const status = await child.status;
    clearTimeout(timer);
    const stdoutBytes = await out.done;
    await err.done;
    const ended = {
      argv,
      code: status.code,
      signal: status.signal,
      stdout: out.text(),
      stderr: err.text(),
      stdoutBytes,
      stdoutTotal: out.total(),
      elapsedMs: performance.now() - began,
    };
    assert.ok(!late, `took longer than ${deadlineMs} ms\n${describe(ended)}`);
    return ended;
  }
  const ended = finish();
  ended.catch(() => {}); // whoever awaits it sees the failure; nobody must

  async function saw(pattern: RegExp, waitMs = 60_000): Promise<void> {
    let over = false;
    const mark = () => void (over = true);
    ended.then(mark, mark);
    for (const until = performance.now() + waitMs;;) {
      if (pattern.test(out.text()) || pattern.test(err.text())) return;
      const tail = `stdout: ${out.text().slice(-2000)}\nstderr: ${err.text().slice(-2000)}`;
      assert.ok(!over, `ended without ${pattern}: ${argv.join(" ")}\n${tail}`);
      assert.ok(performance.now() < until, `no ${pattern} within ${waitMs} ms: ${argv.join(" ")}\n${tail}`);
      await pause(20);
    }
  }
  const seen = () => ({ stdout: out.text(), stderr: err.text() });
  return { pid: child.pid, seen, saw, signal: (name) => trySignal(child, name), ended };
}

/** Runs a program to its end. */
export function run(argv: readonly string[], options: StartOptions): Promise<Ended> {
  return start(argv, options).ended;
}

/** For the message of a failed assertion. */
export function describe(ended: Ended): string {
  const cut = (text: string) => text.length > 4000 ? `${text.slice(0, 2000)}\n…\n${text.slice(-2000)}` : text;
  const how = ended.signal === null ? `exit ${ended.code}` : `signal ${ended.signal}`;
  return `$ ${ended.argv.map((a) => a.length > 300 ? `${a.slice(0, 300)}…` : a).join(" ")}\n${how} after ${
    Math.round(ended.elapsedMs)
  } ms\n--- stdout\n${cut(ended.stdout)}\n--- stderr\n${cut(ended.stderr)}`;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Calls `ask` until it returns something; fails with `what` after `deadlineMs`. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined> | T | undefined,
  deadlineMs = 30_000,
): Promise<T> {
  for (const until = performance.now() + deadlineMs;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    assert.ok(performance.now() < until, `not within ${deadlineMs} ms: ${what}`);
    await pause(50);
  }
}

function trySignal(child: Deno.ChildProcess, name: Deno.Signal): void {
  try {
    child.kill(name);
  } catch {
    // It has ended already.
  }
}

async function feed(
  pipe: WritableStream<Uint8Array>,
  data: string | Uint8Array | ReadableStream<Uint8Array>,
): Promise<void> {
  try {
    if (data instanceof ReadableStream) return await data.pipeTo(pipe);
    const writer = pipe.getWriter();
    await writer.write(typeof data === "string" ? new TextEncoder().encode(data) : data);
    await writer.close();
  } catch {
    // A program need not read its stdin.
  }
}

function keep(stream: ReadableStream<Uint8Array>, maxBytes: number) {
  const parts: Uint8Array[] = [];
  let kept = 0;
  let total = 0;
  async function drain(): Promise<Uint8Array> {
    for await (const chunk of stream) {
      total += chunk.length;
      if (kept < maxBytes) parts.push(chunk.subarray(0, maxBytes - kept));
      kept = Math.min(maxBytes, kept + chunk.length);
    }
    return joined();
  }
  const joined = (): Uint8Array => {
    const whole = new Uint8Array(kept);
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  };
  return { done: drain(), total: () => total, text: () => new TextDecoder().decode(joined()) };
}
