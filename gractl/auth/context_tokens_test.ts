import assert from "node:assert/strict";
import { join } from "node:path";
import { GradError } from "../../shared/errors.ts";
import { fakeClock } from "../../shared/testing/fake_clock.ts";
import { fakeIds, tempDir } from "../workspace/testing/temp_dir.ts";
import type { Context } from "./context.ts";
import { contextTokens, type ContextTokensOptions } from "./context_tokens.ts";
import { fakeKubectl, unsignedToken } from "./testing/tokens.ts";

const uid = Deno.uid() ?? 0;
const signal = new AbortController().signal;
const ACCOUNT = { namespace: "analysts", name: "ann", kubeContext: "prod", kubeconfig: "" };
const HOUR_MS = 3_600_000;

/** A context with a token's file in a folder of its own, and how often kubectl was asked. */
async function world(given: Partial<Context> & { token?: string; mode?: number } = {}) {
  const { token, mode = 0o600, ...changes } = given;
  const dir = await tempDir();
  const tokenFile = join(dir.path, "lab.token");
  if (token !== undefined) await Deno.writeTextFile(tokenFile, `${token}\n`, { mode });
  if (token !== undefined) await Deno.chmod(tokenFile, mode);
  const clock = fakeClock(1_800_000_000_000);
  const made: string[] = [];
  const state = { refuses: false };
  const kubectl = fakeKubectl({
    createToken(account) {
      assert.deepEqual(account, ACCOUNT);
      if (state.refuses) return Promise.reject(new GradError("login_failed", "forbidden"));
      const issuedAt = clock.now() / 1_000;
      made.push(unsignedToken({ iat: issuedAt, exp: issuedAt + 3_600, n: made.length }));
      return Promise.resolve(made.at(-1)!);
    },
  });
  const context: Context = {
    file: join(dir.path, "lab.yaml"),
    name: "lab",
    address: { kind: "network", host: "grad.example.com", port: 443 },
    certificateAuthority: "",
    serverName: "",
    tokenFile,
    serviceAccount: undefined,
    ...changes,
  };
  const tokens = (options: Partial<ContextTokensOptions> = {}) =>
    contextTokens(context, { env: {}, uid, clock, ids: fakeIds(), kubectl, named: false, ...options });
  return { ...dir, tokenFile, clock, made, state, tokens };
}

Deno.test("contextTokens() reads the file for each call, since somebody else renews it", async () => {
  await using at = await world({ token: "one" });
  const tokens = at.tokens();
  assert.equal(await tokens.current(signal), "one");
  assert.equal(await tokens.after("one", signal), undefined);
  await Deno.writeTextFile(at.tokenFile, "two");
  assert.equal(await tokens.after("one", signal), "two");
  assert.equal(await tokens.current(signal), "two");
});

Deno.test("contextTokens() refuses a file that others can open, or that has no token", async () => {
  for (
    const [token, mode, code] of [["t", 0o640, "permission_denied"], ["", 0o600, "login_failed"], [
      "a b",
      0o600,
      "login_failed",
    ], ["x".repeat(20_000), 0o600, "login_failed"]] as const
  ) {
    await using at = await world({ token, mode });
    await assert.rejects(at.tokens().current(signal), (thrown: GradError) => {
      assert.equal(thrown.code, code);
      assert.ok(token === "" || !thrown.message.includes(`"${token}"`));
      return true;
    });
    await Deno.chmod(at.tokenFile, 0o600);
    await Deno.writeTextFile(at.tokenFile, "good");
    assert.equal(await at.tokens().current(signal), "good");
  }
});

Deno.test("contextTokens() says how to log in where there is no token", async () => {
  await using at = await world();
  await assert.rejects(at.tokens().current(signal), { code: "unauthenticated", hint: /gractl login lab/ });
  await using none = await world({ tokenFile: "" });
  await assert.rejects(none.tokens().current(signal), { code: "unauthenticated", hint: /GRACTL_TOKEN/ });
});

Deno.test("contextTokens() takes GRACTL_TOKEN only for a context that the user has named", async () => {
  await using at = await world({ token: "of the file" });
  const env = { GRACTL_TOKEN: "from-ci" };
  assert.equal(await at.tokens({ env, named: true }).current(signal), "from-ci");
  assert.equal(await at.tokens({ env, named: true }).after("from-ci", signal), undefined);
  assert.throws(() => at.tokens({ env }), { code: "usage", hint: /GRACTL_CONTEXT/ });
  assert.throws(() => at.tokens({ env: { GRACTL_TOKEN: "a\nb" }, named: true }), { code: "login_failed" });
});

Deno.test("contextTokens() renews a token when a quarter of its life is left, once for calls at the same time", async () => {
  await using at = await world({ serviceAccount: ACCOUNT });
  const tokens = at.tokens();
  const [first, same] = await Promise.all([tokens.current(signal), tokens.current(signal)]);
  assert.deepEqual([first, same, at.made.length], [at.made[0], at.made[0], 1]);
  assert.equal((await Deno.stat(at.tokenFile)).mode! & 0o777, 0o600);
  await at.clock.advance(0.75 * HOUR_MS - 1);
  assert.equal(await tokens.current(signal), first);
  await at.clock.advance(1);
  const second = await tokens.current(signal);
  assert.deepEqual([second, at.made.length], [at.made[1], 2]);
  // Another process reads the file.
  assert.equal(await at.tokens().current(signal), second);
  assert.equal(at.made.length, 2);
});

Deno.test("contextTokens() uses a token as long as it is valid where it cannot be renewed, and tries again later", async () => {
  await using at = await world({ serviceAccount: ACCOUNT });
  const tokens = at.tokens();
  const first = await tokens.current(signal);
  await at.clock.advance(0.9 * HOUR_MS);
  at.state.refuses = true;
  assert.equal(await tokens.current(signal), first);
  at.state.refuses = false;
  assert.equal(await tokens.current(signal), first, "too early to try again");
  await at.clock.advance(30_000);
  assert.equal(await tokens.current(signal), at.made[1]);
  await at.clock.advance(HOUR_MS);
  at.state.refuses = true;
  await assert.rejects(tokens.current(signal), { code: "login_failed" });
});

Deno.test("contextTokens() keeps a token in memory where its file cannot be written", async () => {
  await using at = await world({ serviceAccount: ACCOUNT, tokenFile: "/nowhere/at/all/lab.token" });
  const tokens = at.tokens();
  const first = await tokens.current(signal);
  assert.equal(await tokens.current(signal), first);
  assert.equal(at.made.length, 1);
  await at.clock.advance(HOUR_MS);
  assert.equal(await tokens.current(signal), at.made[1]);
});

Deno.test("contextTokens() gets a new token when grad refuses the one of the file", async () => {
  await using at = await world({ serviceAccount: ACCOUNT, token: "revoked" });
  const tokens = at.tokens();
  assert.equal(await tokens.current(signal), "revoked");
  assert.equal(await tokens.after("revoked", signal), at.made[0]);
  assert.equal(await tokens.after("revoked", signal), at.made[0], "that of another call");
  assert.equal(at.made.length, 1);
});
