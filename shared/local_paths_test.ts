import assert from "node:assert/strict";
import { cacheFolder, type Env, runnerPython, runtimeFolder, stateFolder } from "./local_paths.ts";

const HOME = { HOME: "/home/me" };
const OWN = { uid: 1000, ownsXdgRuntimeDir: true };

const cases: [
  name: string,
  env: Env,
  user: typeof OWN,
  folders: [state: string, runtime: string, python: string],
][] = [
  ["the defaults below the home folder", HOME, { ...OWN, ownsXdgRuntimeDir: false }, [
    "/home/me/.local/state/grad",
    "/tmp/grad-1000",
    "/home/me/.cache/grad/venv/bin/python",
  ]],
  [
    "XDG's folders",
    { ...HOME, XDG_STATE_HOME: "/s", XDG_CACHE_HOME: "/c", XDG_RUNTIME_DIR: "/run/user/1000" },
    OWN,
    ["/s/grad", "/run/user/1000/grad", "/c/grad/venv/bin/python"],
  ],
  [
    "no relative folder of XDG's",
    { ...HOME, XDG_STATE_HOME: "s", XDG_CACHE_HOME: "c", XDG_RUNTIME_DIR: "r" },
    OWN,
    [
      "/home/me/.local/state/grad",
      "/tmp/grad-1000",
      "/home/me/.cache/grad/venv/bin/python",
    ],
  ],
  [
    "no XDG_RUNTIME_DIR of another user, as sudo may leave it",
    { HOME: "/root", XDG_RUNTIME_DIR: "/run/user/7" },
    { uid: 0, ownsXdgRuntimeDir: false },
    ["/root/.local/state/grad", "/tmp/grad-0", "/root/.cache/grad/venv/bin/python"],
  ],
  [
    "grad's own variables first",
    { ...HOME, XDG_STATE_HOME: "/s", GRAD_STATE_DIR: "/a", GRAD_RUNTIME_DIR: "/b", GRAD_RUNNER_PYTHON: "/p" },
    OWN,
    ["/a", "/b", "/p"],
  ],
  ["/ for a home that is not known", {}, { ...OWN, ownsXdgRuntimeDir: false }, [
    "/.local/state/grad",
    "/tmp/grad-1000",
    "/.cache/grad/venv/bin/python",
  ]],
];
for (const [name, env, user, folders] of cases) {
  Deno.test(`local paths: ${name}`, () => {
    assert.deepEqual([stateFolder(env), runtimeFolder(env, user), runnerPython(env)], folders);
  });
}

Deno.test("local paths: an empty variable counts as unset", () => {
  assert.equal(cacheFolder({ ...HOME, XDG_CACHE_HOME: "" }), "/home/me/.cache/grad");
});
