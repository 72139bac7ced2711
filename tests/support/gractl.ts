import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { assertDocument } from "../../gractl/testing/assert_document.ts";
import { describe, type Ended, type Running, start } from "./process.ts";
import { REPOSITORY } from "./repository.ts";

/** A call of gractl that has ended. */
export class Call {
  constructor(readonly ended: Ended) {}

  get code(): number {
    return this.ended.code;
  }
  get stdout(): string {
    return this.ended.stdout;
  }
  get stderr(): string {
    return this.ended.stderr;
  }

  /** Fails with all that was printed unless the exit code is `code`. */
  exits(code: number): this {
    assert.equal(this.ended.code, code, `exit code is not ${code}\n${describe(this.ended)}`);
    return this;
  }

  /** The one JSON document on stdout, and nothing else beside it. It matches the schema of its kind. */
  json<T = Json>(): T {
    return this.#document(this.ended.stdout, "not one JSON document");
  }

  #document<T>(text: string, fault: string): T {
    let document: T;
    try {
      document = JSON.parse(text);
    } catch {
      throw new assert.AssertionError({ message: `${fault}\n${describe(this.ended)}` });
    }
    assertDocument(document);
    return document;
  }

  /** One JSON document for each line of stdout; each matches the schema of its kind. */
  ndjson<T = Json>(): T[] {
    return this.ended.stdout.trimEnd().split("\n").map((line) =>
      this.#document<T>(line, "not lines of JSON")
    );
  }

  /** The error in the document of a call that failed; the test fails if there is none, or if it has no hint. */
  error(): Readonly<{ code: string; message: string; hint: string }> {
    const document = this.json<{ kind?: string; error?: { code: string; message: string; hint: string } }>();
    const error = document.error;
    assert.ok(error !== undefined && error !== null, `no error in the document\n${describe(this.ended)}`);
    assert.ok(error.message, `an error without a message\n${describe(this.ended)}`);
    assert.ok(error.hint, `an error without a hint\n${describe(this.ended)}`);
    return error;
  }

  toString(): string {
    return describe(this.ended);
  }
}

/** A document whose fields a scenario checks by hand. */
// deno-lint-ignore no-explicit-any
export type Json = any;

export type CallOptions = Readonly<{
  cwd: string;
  env: Readonly<Record<string, string>>;
  stdin?: string | Uint8Array | undefined;
  deadlineMs?: number | undefined;
  maxBytes?: number | undefined;
}>;

/** The program to test: the build in the folder GRAD_TEST_DIST, or the sources where that is not set. */
export function program(name: "gractl" | "grad"): readonly string[] {
  const dist = Deno.env.get("GRAD_TEST_DIST");
  if (dist !== undefined && dist !== "") {
    const path = join(Deno.cwd(), dist).startsWith("/") && dist.startsWith("/")
      ? dist
      : join(REPOSITORY, dist);
    assert.ok(existsSync(join(path, name)), `GRAD_TEST_DIST has no ${name}: run make build`);
    return [join(path, name)];
  }
  return [Deno.execPath(), "run", "-A", "--no-lock", join(REPOSITORY, name, "main.ts")];
}

/** Starts gractl as a process. */
export function startGractl(args: readonly string[], options: CallOptions): Running {
  return start([...program("gractl"), ...args], options);
}
