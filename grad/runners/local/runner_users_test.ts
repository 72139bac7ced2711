import assert from "node:assert/strict";
import { join } from "node:path";
import { freeIds, type MachineUsers, readMachineUsers, runnerUsers } from "./runner_users.ts";

const WHOLE = "0 0 4294967295";
/** A container in which the ids below 65536 exist. */
const CONTAINER = "0 100000 65536";
const MACHINE: MachineUsers = {
  uidMap: WHOLE,
  gidMap: WHOLE,
  passwd: "root:x:0:0::/root:/bin/sh\n",
  group: "root:x:0:\n",
  subuid: "",
  subgid: "",
  running: new Set([0]),
};

async function inFolder(
  body: (
    users: (machine?: Partial<MachineUsers>) => ReturnType<typeof runnerUsers>,
    state: string,
  ) => Promise<void>,
): Promise<void> {
  const state = await Deno.makeTempDir();
  const folders = { state, runtime: state };
  try {
    await body(
      (machine = {}) => runnerUsers(folders, () => Promise.resolve({ ...MACHINE, ...machine })),
      state,
    );
  } finally {
    await Deno.remove(state, { recursive: true });
  }
}

Deno.test("runnerUsers() gives each runner a user of its own, and another grad the same one", () =>
  inFolder(async (users) => {
    const names = ["ra", "rb", "rc"];
    const given = await Promise.all(names.map((name) => users().of(name)));
    assert.equal(new Set(given).size, 3);
    for (const uid of given) assert.ok(uid >= 2_013_265_920 && uid <= 2_147_352_575, String(uid));
    assert.deepEqual(await Promise.all(names.map((name) => users().of(name))), given);
  }));

Deno.test("runnerUsers() gives users of other runners, of people, of containers and of processes to nobody", () =>
  inFolder(async (users) => {
    // What is left of 20000 to 59999: three ids.
    const machine = {
      uidMap: CONTAINER,
      gidMap: "0 0 50000",
      passwd: "svc:x:30001:30001::/:/bin/sh\n",
      group: "g:x:30002:\n",
      subuid: "ann:20000:10000\n",
      subgid: "ann:30006:30000\n",
      running: new Set([30_003]),
    };
    assert.deepEqual(freeIds({ ...MACHINE, ...machine }), [
      { first: 30_000, last: 30_000 },
      { first: 30_003, last: 30_005 },
    ]);
    const given = [];
    for (const name of ["ra", "rb", "rc"]) given.push(await users(machine).of(name));
    assert.deepEqual(given.toSorted(), [30_000, 30_004, 30_005]);
    await assert.rejects(users(machine).of("rd"), { code: "runner_failed", hint: /GRAD_STATE_DIR/ });
    assert.equal(
      await users(machine).of("rb"),
      given[1],
      "the user that a runner has stays, whoever else wants one",
    );
  }));

Deno.test("runnerUsers() gives another user where the recorded one does not exist any more", () =>
  inFolder(async (users) => {
    const before = await users().of("ra");
    const after = await users({ uidMap: CONTAINER, gidMap: CONTAINER }).of("ra");
    assert.ok(before > 65_536 && after < 65_536, `${before} ${after}`);
  }));

Deno.test("runnerUsers() says what to do where there are no users to give", () =>
  inFolder(async (users) => {
    const few = "0 0 1000";
    const refused = { code: "runner_failed", message: /none is free/, hint: /not as root/ };
    await assert.rejects(users({ uidMap: few, gidMap: few }).of("ra"), refused);
  }));

Deno.test("runnerUsers() of two state folders begin at different places, since both may have a runner of the same id", () =>
  inFolder((one) =>
    inFolder(async (two) => {
      const same = await Promise.all([one().of("ra"), two().of("ra")]);
      assert.notEqual(same[0], same[1]);
    })
  ));

Deno.test("runnerUsers() never reads half of a record", () =>
  inFolder(async (users, state) => {
    const uid = await users().of("ra");
    await Deno.writeTextFile(join(state, "uids", ".rb"), "2013");
    assert.notEqual(await users().of("rb"), 2_013);
    assert.equal(await users().of("ra"), uid);
  }));

Deno.test("readMachineUsers() reads this machine, on which this process runs", async () => {
  const { uidMap, passwd, running } = await readMachineUsers();
  assert.match(uidMap, /^\s*\d+\s+\d+\s+\d+$/m);
  assert.match(passwd, /^root:/m);
  assert.ok(running.has(Deno.uid()!));
});
