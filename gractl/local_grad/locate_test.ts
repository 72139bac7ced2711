import assert from "node:assert/strict";
import { locateGrad, type Surroundings } from "./locate.ts";

const around = (files: string[], more: Partial<Surroundings> = {}): Surroundings => ({
  env: { PATH: "/usr/bin:/opt/bin" },
  cwd: "/here",
  executable: "/app/gractl",
  source: undefined,
  isFile: (path) => Promise.resolve(files.includes(path)),
  ...more,
});

const cases: [name: string, around: Surroundings, command: string[]][] = [
  ["GRACTL_GRAD first", around(["/x/grad", "/app/grad"], { env: { GRACTL_GRAD: "/x/grad" } }), ["/x/grad"]],
  ["GRACTL_GRAD relative to here", around(["/here/dist/grad"], { env: { GRACTL_GRAD: "dist/grad" } }), [
    "/here/dist/grad",
  ]],
  ["its sibling", around(["/app/grad", "/usr/bin/grad"]), ["/app/grad"]],
  ["PATH in order", around(["/opt/bin/grad", "/usr/bin/grad"]), ["/usr/bin/grad"]],
  [
    "the source where gractl runs from it",
    around(["/src/grad/main.ts", "/usr/bin/grad"], { executable: "/bin/deno", source: "/src/grad/main.ts" }),
    ["/bin/deno", "run", "-A", "--quiet", "/src/grad/main.ts"],
  ],
];
for (const [name, surroundings, command] of cases) {
  Deno.test(`locateGrad() takes ${name}`, async () => {
    assert.deepEqual(await locateGrad(surroundings), command);
  });
}

Deno.test("locateGrad() says where it has looked", async () => {
  await assert.rejects(locateGrad(around([])), { code: "grad_unavailable", hint: /GRACTL_GRAD/ });
  const missing = around([], { env: { GRACTL_GRAD: "/x/grad" } });
  await assert.rejects(locateGrad(missing), { code: "grad_unavailable", message: /\/x\/grad/ });
});
