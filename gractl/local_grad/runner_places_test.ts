import assert from "node:assert/strict";
import { join } from "node:path";
import { writeGradRecord } from "../../shared/grad_record.ts";
import { placeFault, runnerPlaces } from "./runner_places.ts";

const uid = Deno.uid() ?? 0;

Deno.test("runnerPlaces() are the state and runtime folders of every environment, also that of the record", async () => {
  const stateDir = await Deno.makeTempDir();
  try {
    await writeGradRecord(stateDir, {
      socket: "/elsewhere/run/grad.sock",
      runtimeDir: "/elsewhere/run",
      instance: "i",
      process: { pid: 4242, startTicks: "1" },
      version: "1",
      startedAt: "2026-01-01T00:00:00Z",
    });
    const env = { HOME: "/home/a", GRAD_STATE_DIR: stateDir, XDG_RUNTIME_DIR: "/xdg" };
    const places = await runnerPlaces(env, uid);
    const wanted = [
      stateDir,
      "/home/a/.local/state/grad",
      "/xdg/grad",
      `/tmp/grad-${uid}`,
      `/run/user/${uid}/grad`,
      "/elsewhere/run",
    ];
    for (const place of wanted) assert.ok(places.includes(place), `${place} is not in ${places.join(" ")}`);
  } finally {
    await Deno.remove(stateDir, { recursive: true });
  }
});

const places = ["/s/grad", "/run/grad"];
const cases: readonly (readonly [folder: string, ownGrad: boolean, refused: boolean])[] = [
  ["/run/grad", true, false],
  ["/run/grad", false, true],
  ["/run/grad/r1/kernel", true, true],
  ["/run/grad/r1/kernel", false, true],
  ["/s/grad/runners/r1/volume/workspace", false, true],
  ["/s/grad2", false, false],
  ["/home/a/sockets", false, false],
];
for (const [folder, ownGrad, refused] of cases) {
  const who = ownGrad ? "its own grad" : "a context";
  Deno.test(`placeFault() ${refused ? "refuses" : "permits"} ${folder} for ${who}`, () => {
    assert.equal(placeFault(folder, { places, ownGrad }) !== undefined, refused);
  });
}

Deno.test("placeFault() recognises the state folder of a grad that it does not know", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const folder = join(dir, "runners/r1");
    await Deno.mkdir(folder, { recursive: true });
    assert.equal(placeFault(folder, { places, ownGrad: false }), undefined);
    await Deno.writeTextFile(join(dir, "grad.lock"), "");
    assert.match(placeFault(folder, { places, ownGrad: false }) ?? "", /runners' code/);
    assert.match(placeFault(dir, { places, ownGrad: false }) ?? "", /runners' code/);
    assert.equal(placeFault(dir, { places, ownGrad: true }), undefined);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
