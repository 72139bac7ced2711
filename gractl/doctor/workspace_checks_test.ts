import assert from "node:assert/strict";
import { GradError } from "../../shared/errors.ts";
import { fakeClock } from "../../shared/testing/fake_clock.ts";
import type { DatasetFile } from "../workspace/dataset_file.ts";
import { perform } from "./check.ts";
import { workspaceChecks } from "./workspace_checks.ts";

Deno.test("perform() reports what is wrong and never throws", async () => {
  const failing = await perform({
    name: "x",
    run: () =>
      Promise.reject(new GradError("credentials_not_found", "Cannot find keys", { hint: "Log in." })),
  });
  assert.deepEqual(failing, {
    name: "x",
    title: "x",
    state: "failed",
    message: "Cannot find keys",
    hint: "Log in.",
  });
  assert.equal((await perform({ name: "y", run: () => Promise.reject(new Error("boom")) })).message, "boom");
  assert.equal((await perform({ name: "z", run: () => Promise.resolve("fine") })).state, "ok");
});

Deno.test("workspaceChecks() check every dataset's keys", async () => {
  const dataset = (name: string): DatasetFile => ({
    file: `/w/datasets/${name}.yaml`,
    name,
    description: "",
    access: "read-only",
    source: name === "shelf" ? { type: "directory", path: "/d" } : {
      type: "s3",
      endpoint: "",
      region: "",
      bucket: "b",
      prefix: "",
      pathStyle: false,
      credentials: { source: "environment" },
    },
  });
  const clock = fakeClock(0);
  const checks = await workspaceChecks({
    workspace: () =>
      Promise.resolve({
        dir: "/w",
        id: "ws-abcdefgh12345678",
        grad: "local",
        runner: "runner-1",
        session: "default",
      }),
    datasets: () => Promise.resolve(["free", "forever", "soon", "old", "bad", "shelf"].map(dataset)),
    trusted: (_, datasets) => Promise.resolve(datasets),
    keys: ({ name }) => {
      if (name === "bad") return Promise.reject(new GradError("credentials_not_found", "Cannot find them"));
      const expires = { free: undefined, forever: 0, soon: 3_600, old: -1 }[name];
      return Promise.resolve(expires === undefined ? undefined : { expiresAtSeconds: expires });
    },
    folder: () => Promise.reject(new GradError("dataset_invalid", "There is no folder")),
    clock,
  });
  const findings = await Promise.all(checks.map(perform));
  assert.deepEqual(findings.map(({ state, message }) => [state, message]), [
    ["ok", "/w"],
    ["ok", "free, forever, soon, old, bad, shelf"],
    ["ok", "you trust it"],
    ["ok", "none needed"],
    ["ok", "found"],
    ["ok", "found, good for 1 h 00 m"],
    ["failed", "Found, but they expired 1.0 s ago"],
    ["failed", "Cannot find them"],
    ["failed", "There is no folder"],
  ]);
});

Deno.test("workspaceChecks() end with a workspace that is not there", async () => {
  const checks = await workspaceChecks({
    workspace: () => Promise.reject(new GradError("workspace_not_found", "None")),
    datasets: () => Promise.resolve([]),
    trusted: (_, datasets) => Promise.resolve(datasets),
    keys: () => Promise.resolve(undefined),
    folder: (_, path) => Promise.resolve(path),
    clock: fakeClock(),
  });
  assert.deepEqual((await Promise.all(checks.map(perform))).map(({ state }) => state), ["failed"]);
});
