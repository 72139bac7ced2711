import assert from "node:assert/strict";
import { ownerOf } from "./owner.ts";

Deno.test("ownerOf() is readable, the same at any time, and a valid label", () => {
  const owner = ownerOf("system:serviceaccount:analysts:alice");
  assert.match(owner, /^analysts-alice-[0-9a-f]{10}$/);
  assert.equal(owner, ownerOf("system:serviceaccount:analysts:alice"));
  for (const name of ["", "---", "Ä", "a".repeat(500), "x@example.org", "-a-"]) {
    assert.match(ownerOf(name), /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
  }
});

Deno.test("ownerOf() differs for users whose names look alike in a label", () => {
  assert.notEqual(ownerOf("a.b"), ownerOf("a-b"));
  assert.notEqual(ownerOf("A"), ownerOf("a"));
  assert.notEqual(ownerOf("system:serviceaccount:a:b"), ownerOf("a:b"));
  assert.notEqual(ownerOf(`x${"a".repeat(60)}`), ownerOf(`y${"a".repeat(60)}`));
});
