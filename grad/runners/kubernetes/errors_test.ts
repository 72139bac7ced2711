import assert from "node:assert/strict";
import { ApiException } from "@kubernetes/client-node";
import { toCreateError } from "./errors.ts";

const cases: [name: string, code: number, message: string, want: string][] = [
  [
    "a quota that is used up",
    403,
    'pods "r1" is forbidden: exceeded quota: all, requested: pods=1, used: pods=2, limited: pods=2',
    "quota_exhausted",
  ],
  [
    "a limit of the namespace",
    403,
    'pods "r1" is forbidden: maximum memory usage per Container is 1Gi, but limit is 4Gi',
    "runner_failed",
  ],
  [
    "an admission policy",
    403,
    'pods "r1" is forbidden: violates PodSecurity "baseline:latest"',
    "runner_failed",
  ],
  [
    "an object that is not valid",
    422,
    'Pod "r1" is invalid: spec.containers[0].image: Required',
    "runner_failed",
  ],
  [
    "a right that grad does not have",
    403,
    'pods is forbidden: User "system:serviceaccount:grad:grad" cannot create resource "pods"',
    "internal",
  ],
  [
    "a right on one object that grad does not have",
    403,
    'pods "r1" is forbidden: User "system:serviceaccount:grad:grad" cannot get resource "pods"',
    "internal",
  ],
  ["an API server that is overloaded", 429, "too many requests", "grad_unavailable"],
  ["an API server that fails", 500, "etcd", "grad_unavailable"],
];
for (const [name, code, message, want] of cases) {
  Deno.test(`toCreateError() of ${name}`, () => {
    const error = toCreateError(new ApiException(code, "", JSON.stringify({ message }), {}));
    assert.equal(error.code, want);
    assert.ok(error.message.includes(message.slice(message.lastIndexOf(":") + 1)), error.message);
  });
}
