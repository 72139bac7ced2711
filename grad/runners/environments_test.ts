import assert from "node:assert/strict";
import { fillSpec, sameSpec } from "./environments.ts";

const DEFAULTS = { cpuMillis: 2000, memoryMib: 4096, storageMib: 1024 };
const LARGE = { ...DEFAULTS, memoryMib: 8192 };
const ENVIRONMENTS = new Map([["default", { default: DEFAULTS, egress: true }], ["large", {
  default: LARGE,
  egress: true,
}]]);
/** Least memory of a runner, in MiB. */
const MIN = 64;
const NONE = { cpuMillis: 0, memoryMib: 0, storageMib: 0 };

Deno.test("fillSpec() takes everything from the first environment when nothing is asked", () => {
  const filled = fillSpec(undefined, ENVIRONMENTS);
  assert.deepEqual(filled, { environment: "default", resources: DEFAULTS, network: "none" });
});

Deno.test("fillSpec() keeps what is asked and fills the rest", () => {
  const asked = { environment: "large", resources: { ...NONE, cpuMillis: 500 }, network: "full" } as const;
  const want = { cpuMillis: 500, memoryMib: 8192, storageMib: 1024 };
  assert.deepEqual(fillSpec(asked, ENVIRONMENTS), { environment: "large", resources: want, network: "full" });
});

Deno.test("fillSpec() names the environments there are", () => {
  assert.throws(() => fillSpec({ environment: "gpu", resources: NONE, network: "none" }, ENVIRONMENTS), {
    code: "environment_not_found",
    message: /"gpu"/,
    hint: "There are: default, large.",
  });
});

Deno.test("fillSpec() refuses memory in which nothing runs", () => {
  const asked = { environment: "", resources: { ...NONE, memoryMib: 8 }, network: "none" } as const;
  assert.throws(() => fillSpec(asked, ENVIRONMENTS), { code: "invalid_argument", message: /8 MiB/ });
});

Deno.test("fillSpec() takes the least memory", () => {
  const asked = { environment: "", resources: { ...NONE, memoryMib: MIN }, network: "none" } as const;
  assert.equal(fillSpec(asked, ENVIRONMENTS).resources.memoryMib, MIN);
  const less = { ...asked, resources: { ...NONE, memoryMib: MIN - 1 } };
  assert.throws(() => fillSpec(less, ENVIRONMENTS), { code: "invalid_argument" });
});

Deno.test("sameSpec() sees a difference in every field", () => {
  const spec = fillSpec(undefined, ENVIRONMENTS);
  assert.ok(sameSpec(spec, structuredClone(spec)));
  assert.ok(!sameSpec(spec, { ...spec, environment: "large" }));
  assert.ok(!sameSpec(spec, { ...spec, network: "full" }));
  for (const key of ["cpuMillis", "memoryMib", "storageMib"] as const) {
    assert.ok(!sameSpec(spec, { ...spec, resources: { ...spec.resources, [key]: 1 } }), key);
  }
});

Deno.test("fillSpec() takes the largest resources of an environment, and refuses more", () => {
  const environments = new Map([["default", { default: DEFAULTS, largest: LARGE, egress: false }]]);
  const asked = (resources: typeof NONE) => ({ environment: "", resources, network: "none" }) as const;
  assert.deepEqual(fillSpec(asked(LARGE), environments).resources, LARGE);
  for (
    const [resource, shown] of [["cpuMillis", /2001 thous.*: 2000/], ["memoryMib", /8193/], [
      "storageMib",
      /1025/,
    ]] as const
  ) {
    const more = { ...LARGE, [resource]: LARGE[resource] + 1 };
    assert.throws(() => fillSpec(asked(more), environments), { code: "invalid_argument", message: shown });
  }
});

Deno.test("fillSpec() gives a network only in an environment that allows one", () => {
  const asked = { environment: "", resources: NONE, network: "full" } as const;
  assert.equal(fillSpec(asked, ENVIRONMENTS).network, "full");
  const closed = new Map([["default", { default: DEFAULTS, egress: false }]]);
  assert.equal(fillSpec({ ...asked, network: "none" }, closed).network, "none");
  assert.throws(() => fillSpec(asked, closed), { code: "invalid_argument", message: /network/ });
});
