import assert from "node:assert/strict";
import { parseCertificatesCommand } from "./certificates_command.ts";

Deno.test("parseCertificatesCommand() takes names and addresses, each once", () => {
  const args = ["--namespace", "grad", "--names", "grad,grad.grad.svc", "--names", "10.0.0.7,::1,grad"];
  assert.deepEqual(parseCertificatesCommand(args), {
    namespace: "grad",
    names: ["grad", "grad.grad.svc", "10.0.0.7", "::1"],
    once: false,
  });
});

for (
  const [why, args] of Object.entries({
    "no namespace": ["--names", "grad"],
    "no names": ["--namespace", "grad"],
    "a name that is none": ["--namespace", "grad", "--names", "grad,*.evil"],
    "an empty name": ["--namespace", "grad", "--names", "grad,"],
    "an unknown option": ["--namespace", "grad", "--names", "grad", "--force"],
    "a word too many": ["--namespace", "grad", "--names", "grad", "now"],
  })
) {
  Deno.test(`parseCertificatesCommand() refuses ${why}`, () => {
    assert.throws(() => parseCertificatesCommand(args), { code: "usage" });
  });
}
