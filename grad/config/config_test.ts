import assert from "node:assert/strict";
import { type LocalConfig, parseConfig } from "./config.ts";

const MACHINE = { cores: 4, memoryBytes: 6 * 2 ** 30, uid: 1000, ownsXdgRuntimeDir: false };
const HOME = { HOME: "/home/me" };

type Parse = typeof parseConfig;

function parseLocal(...args: Parameters<Parse>): LocalConfig {
  const config = parseConfig(...args);
  assert.ok(config.command === "serve" && config.backend === "local");
  return config;
}

Deno.test("parseConfig() has a default for everything", () => {
  const config = parseLocal(["serve"], HOME, MACHINE);
  assert.equal(config.socket, undefined);
  assert.deepEqual([config.stateDir, config.runtimeDir], ["/home/me/.local/state/grad", "/tmp/grad-1000"]);
  assert.equal(config.python, "/home/me/.cache/grad/venv/bin/python");
  assert.ok(config.sandboxed);
  assert.equal(config.sessionIdleSeconds, 12 * 3600);
  assert.deepEqual([...config.environments], [["default", {
    default: { cpuMillis: 4000, memoryMib: 3072, storageMib: 10240 },
    egress: true,
  }]]);
});

Deno.test("parseConfig() takes an empty variable for none", () => {
  const empty = { GRAD_LISTEN: "", GRAD_STATE_DIR: "", GRAD_RUNTIME_DIR: "", GRAD_RUNNER_PYTHON: "" };
  assert.deepEqual(
    parseConfig(["serve"], { ...HOME, ...empty }, MACHINE),
    parseConfig(["serve"], HOME, MACHINE),
  );
});

Deno.test("parseConfig() takes 0 for sessions that never end by themselves", () => {
  const parse = (seconds: string) =>
    parseLocal(["serve"], { ...HOME, GRAD_SESSION_IDLE_SECONDS: seconds }, MACHINE).sessionIdleSeconds;
  assert.equal(parse("0"), 0);
  assert.equal(parse("60"), 60);
  assert.throws(() => parse("-1"), /GRAD_SESSION_IDLE_SECONDS/);
});

Deno.test("parseConfig() takes at most 8 GiB for a runner", () => {
  const { environments } = parseLocal(["serve"], {}, { ...MACHINE, memoryBytes: 64 * 2 ** 30 });
  assert.equal(environments.get("default")?.default.memoryMib, 8192);
});

Deno.test("parseConfig() prefers options to variables and variables to XDG folders", () => {
  const env = {
    GRAD_LISTEN: "unix:/a.sock",
    GRAD_STATE_DIR: "/state",
    XDG_STATE_HOME: "/xdg",
    XDG_CACHE_HOME: "/cache",
    XDG_RUNTIME_DIR: "/run/user/1000",
  };
  const machine = { ...MACHINE, ownsXdgRuntimeDir: true };
  const config = parseLocal(["serve", "--listen", "unix:/b.sock", "--unsafe-no-sandbox"], env, machine);
  assert.equal(config.socket, "/b.sock");
  assert.deepEqual([config.stateDir, config.runtimeDir], ["/state", "/run/user/1000/grad"]);
  assert.equal(config.python, "/cache/grad/venv/bin/python");
  assert.ok(!config.sandboxed);
  assert.equal(parseLocal(["serve"], env, machine).socket, "/a.sock");
});

Deno.test("parseConfig() tells all faults at once", () => {
  const env = {
    GRAD_LISTEN: "0.0.0.0:50051",
    GRAD_MAX_RUNNERS: "many",
    GRAD_RUNTIME_DIR: `/${"x".repeat(60)}`,
  };
  assert.throws(() => parseConfig(["serve", "--backend", "cloud"], env, MACHINE), {
    code: "invalid_argument",
    message: /GRAD_LISTEN: must be unix:.*GRAD_BACKEND.*GRAD_RUNTIME_DIR.*GRAD_MAX_RUNNERS/,
  });
});

Deno.test("parseConfig() takes where to listen on a network from the file alone, which the kubernetes backend needs", () => {
  const args = ["serve", "--backend", "kubernetes"];
  const { command, ...config } = parseConfig([...args, "--config", "/etc/grad/config.yaml"], HOME, MACHINE);
  assert.equal(command, "serve");
  assert.deepEqual(config, {
    backend: "kubernetes",
    file: "/etc/grad/config.yaml",
    runnerImage: undefined,
    maxRunners: 50,
    maxCalls: 1000,
    logLevel: "info",
  });
  const env = { GRAD_CONFIG: "/etc/grad/config.yaml" };
  assert.deepEqual(parseConfig(args, env, MACHINE), { command, ...config });
  const runnerImage = "grad-runner:1";
  const withImage = { ...env, GRAD_RUNNER_IMAGE: runnerImage };
  assert.deepEqual(parseConfig(args, withImage, MACHINE), { command, ...config, runnerImage });
  assert.throws(() => parseConfig(args, {}, MACHINE), {
    code: "invalid_argument",
    message: /GRAD_CONFIG: is missing/,
  });
  assert.throws(() => parseConfig(args, { ...env, GRAD_LISTEN: "unix:/a" }, MACHINE), {
    code: "invalid_argument",
    message: /GRAD_LISTEN: is for the local backend/,
  });
});

for (const args of [["start"], ["serve", "now"], ["--no-such"], ["serve", "--listen"]]) {
  Deno.test(`parseConfig() refuses ${args.join(" ")}`, () => {
    assert.throws(() => parseConfig(args, {}, MACHINE), { code: "usage" });
  });
}

for (
  const [args, command] of [[[], "help"], [["serve", "--help"], "help"], [["version"], "version"], [[
    "--version",
  ], "version"]] as const
) {
  Deno.test(`parseConfig() takes ${JSON.stringify(args)} for ${command}`, () => {
    assert.equal(parseConfig(args, {}, MACHINE).command, command);
  });
}
