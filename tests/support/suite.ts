import assert from "node:assert/strict";
import type { Backend, BackendName } from "./backend.ts";
import { type NycS3, nycS3 } from "./nyc_s3.ts";
import { backendName, testBackend } from "./test_backend.ts";

/** What a scenario uses: a backend, and an S3 server with real data that the scenarios of its file share. */
export type World = Readonly<{
  backend: Backend;
  s3: NycS3;
  /** The folder of a workspace that the scenarios of the file share; the first call creates it. */
  workspace(): Promise<string>;
}>;

export type ScenarioOptions = Readonly<{
  /** The test fails when it takes longer. */
  deadlineMs?: number;
  ignore?: boolean;
  /** The only backend that has what the scenario is about; on the other one the test is not there. */
  only?: BackendName;
}>;

export type Scenario = (
  name: string,
  body: (world: World) => Promise<void>,
  options?: ScenarioOptions,
) => void;

/**
 * Scenarios of one file share one grad and one S3 server, started with the first and ended, with a look for what is left,
 * after the last. `only`: of all scenarios of the file.
 */
export function suite({ only: all }: Pick<ScenarioOptions, "only"> = {}): Scenario {
  let starting: Promise<World & AsyncDisposable> | undefined;

  Deno.test.afterAll(async () => {
    const world = await starting?.catch(() => undefined);
    await world?.[Symbol.asyncDispose]();
  });

  return function scenario(name, body, { deadlineMs = 120_000, ignore = false, only = all } = {}) {
    // The first scenario waits for a pod and a volume, which take minutes on a busy node.
    const boundMs = deadlineMs + (backendName() === "local" ? 0 : 240_000);
    if (only !== undefined && only !== backendName()) return;
    Deno.test({
      name,
      ignore,
      sanitizeOps: false, // the S3 server and the proxies live longer than one scenario
      sanitizeResources: false,
      fn: async () => {
        starting ??= startWorld();
        const world = await starting;
        await within(boundMs, body(world));
      },
    });
  };
}

async function startWorld(): Promise<World & AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  const backend = await testBackend();
  const s3 = stack.use(await nycS3(backend));
  stack.use(backend); // ended first: nothing is to need S3 any more when it goes
  const kept = stack.move();
  let shared: Promise<string> | undefined;
  return {
    backend,
    s3,
    workspace: () => shared ??= backend.makeWorkspace(),
    async [Symbol.asyncDispose]() {
      try {
        await backend.assertNoSecretTold();
      } finally {
        await kept.disposeAsync();
      }
    },
  };
}

async function within(deadlineMs: number, work: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new assert.AssertionError({ message: `took longer than ${deadlineMs} ms` })),
      deadlineMs,
    );
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
