import { dirname, join } from "node:path";
import type { Outcome } from "./mutant.ts";

/** A copy of the tree that one worker may break, with what runs its tests. */
export interface Copy {
  write(file: string, text: string): Promise<void>;
  /** Runs tests of one language; their paths are relative to the repository's root. */
  run(tests: readonly string[], timeoutMs: number): Promise<{ outcome: Outcome; ms: number }>;
  close(): Promise<void>;
}

const COPIED = [
  "shared",
  "grad",
  "gractl",
  "proto",
  "tools",
  "runner",
  "tests",
  "docs",
  "deno.json",
  "deno.lock",
];

async function copyTree(root: string, folder: string): Promise<void> {
  const { stdout } = await new Deno.Command("git", {
    args: ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", ...COPIED],
    cwd: root,
  }).output();
  for (const name of new TextDecoder().decode(stdout).split("\0")) {
    if (name === "") continue;
    await Deno.mkdir(dirname(join(folder, name)), { recursive: true });
    await Deno.copyFile(join(root, name), join(folder, name)).catch((error) => {
      // Removed, and not yet committed.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }
}

/** Python tests run in forks of one process that has the libraries loaded: see python_worker.py. */
class PythonTests implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #lines: ReadableStreamDefaultReader<string>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  #rest = "";

  constructor(python: string, root: string, folder: string) {
    this.#process = new Deno.Command(python, {
      args: [join(root, "tools/mutants/python_worker.py"), join(folder, "runner")],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#lines = this.#process.stdout.pipeThrough(new TextDecoderStream()).getReader();
    this.#writer = this.#process.stdin.getWriter();
  }

  async run(tests: readonly string[], timeoutMs: number): Promise<{ outcome: Outcome; ms: number }> {
    const below = tests.map((test) => test.replace(/^runner\//, ""));
    await this.#writer.write(new TextEncoder().encode(JSON.stringify({ tests: below, timeoutMs }) + "\n"));
    while (!this.#rest.includes("\n")) {
      const { value, done } = await this.#lines.read();
      if (done) throw new Error("Cannot run Python tests: the worker has ended");
      this.#rest += value;
    }
    const at = this.#rest.indexOf("\n");
    const { outcome, ms } = JSON.parse(this.#rest.slice(0, at));
    this.#rest = this.#rest.slice(at + 1);
    return { outcome: outcome === "passed" ? "survived" : outcome === "failed" ? "caught" : "timeout", ms };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer.close();
    await this.#process.status;
  }
}

async function runDeno(folder: string, tests: readonly string[], timeoutMs: number) {
  const started = performance.now();
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", "--quiet", "--no-check", "--frozen", "--fail-fast", "-A", ...tests],
    cwd: folder,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    try {
      child.kill("SIGKILL");
    } catch {
      // It has just ended by itself.
    }
  }, timeoutMs);
  const { success } = await child.status;
  clearTimeout(timer);
  const outcome: Outcome = late ? "timeout" : success ? "survived" : "caught";
  return { outcome, ms: Math.round(performance.now() - started) };
}

/** A new copy of `root` in `folder`. `python` is the development environment's interpreter. */
export async function makeCopy(
  root: string,
  { folder, python }: { folder: string; python: string },
): Promise<Copy> {
  await copyTree(root, folder);
  let pytest: PythonTests | undefined;
  return {
    write: (file, text) => Deno.writeTextFile(join(folder, file), text),
    run(tests, timeoutMs) {
      if (!tests.some((test) => test.startsWith("runner/"))) return runDeno(folder, tests, timeoutMs);
      pytest ??= new PythonTests(python, root, folder);
      return pytest.run(tests, timeoutMs);
    },
    async close() {
      await pytest?.[Symbol.asyncDispose]();
    },
  };
}
