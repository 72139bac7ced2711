import assert from "node:assert/strict";
import { bearerTokens } from "./bearer_tokens.ts";

const signal = new AbortController().signal;

function world() {
  const verified: string[] = [];
  const time = { nowMs: 0 };
  const authenticator = bearerTokens((token) => {
    verified.push(token);
    return Promise.resolve(token.startsWith("good") ? { owner: token, isAdmin: false } : undefined);
  }, { now: () => time.nowMs });
  const call = (authorization?: string) => authenticator.authenticate({ authorization }, signal);
  return { verified, time, call };
}

Deno.test("bearerTokens() refuses calls without a token, and does not ask about them", async () => {
  const { verified, call } = world();
  for (
    const header of [
      undefined,
      "",
      "Bearer",
      "Bearer ",
      "Basic good",
      "Bearer a b",
      `Bearer ${"a".repeat(20_000)}`,
    ]
  ) {
    await assert.rejects(call(header), { code: "unauthenticated" });
  }
  assert.deepEqual(verified, []);
});

Deno.test("bearerTokens() asks once a minute for the same token, and each time for one that was refused", async () => {
  const { verified, time, call } = world();
  for (let calls = 0; calls < 3; calls++) {
    assert.deepEqual(await call("Bearer good"), { owner: "good", isAdmin: false });
  }
  assert.equal(verified.length, 1);
  time.nowMs = 60_000;
  await call("bearer good");
  assert.equal(verified.length, 2);
  for (let calls = 0; calls < 2; calls++) {
    await assert.rejects(call("Bearer bad"), { code: "unauthenticated" });
  }
  assert.equal(verified.length, 4);
});

Deno.test("bearerTokens() keeps a bounded number of results", async () => {
  const { verified, call } = world();
  for (let user = 0; user <= 1_000; user++) await call(`Bearer good${user}`);
  await call("Bearer good1000");
  assert.equal(verified.length, 1_001);
  await call("Bearer good0");
  assert.equal(verified.length, 1_002);
});

Deno.test("bearerTokens() asks once about a token of calls at the same time, also when one of them leaves", async () => {
  const answer = Promise.withResolvers<{ owner: string; isAdmin: boolean }>();
  let asked = 0;
  const authenticator = bearerTokens(() => (asked++, answer.promise), { now: () => 0 });
  const leaving = new AbortController();
  const calls = [leaving.signal, signal].map((each) =>
    authenticator.authenticate({ authorization: "Bearer good" }, each)
  );
  leaving.abort(new Error("left"));
  await assert.rejects(calls[0]!, /left/);
  answer.resolve({ owner: "good", isAdmin: false });
  assert.equal((await calls[1]!).owner, "good");
  assert.equal(asked, 1);
});

Deno.test("bearerTokens() asks again after a question that could not be answered", async () => {
  let asked = 0;
  const verify = () => {
    if (asked++ === 0) return Promise.reject(new Error("no answer"));
    return Promise.resolve({ owner: "good", isAdmin: false });
  };
  const authenticator = bearerTokens(verify, { now: () => 0 });
  const call = () => authenticator.authenticate({ authorization: "Bearer good" }, signal);
  await assert.rejects(call(), /no answer/);
  assert.equal((await call()).owner, "good");
});
