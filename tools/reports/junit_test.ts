import assert from "node:assert/strict";
import { countTests } from "./junit.ts";

Deno.test("countTests() counts what deno test writes", () => {
  const xml = `<testsuites name="deno test" tests="3" failures="1" errors="0" time="0.1">
    <testsuite name="./a_test.ts" tests="3" disabled="0" errors="0" failures="1">
        <testcase name="a &gt; b" classname="./a_test.ts" time="0.001" line="1" col="6">
        </testcase>
        <testcase name="c" classname="./a_test.ts" time="0.001" line="2" col="6">
            <failure message="Uncaught AssertionError">text</failure>
        </testcase>
        <testcase name="d" classname="./a_test.ts" time="0" line="3" col="6">
            <skipped/>
        </testcase>
    </testsuite>
</testsuites>`;
  assert.deepEqual(countTests(xml), { passed: 1, failed: 1, skipped: 1 });
});

Deno.test("countTests() counts what pytest writes", () => {
  const xml = `<testsuites><testsuite name="pytest" errors="1" failures="0" skipped="0" tests="3">` +
    `<testcase classname="t" name="one[a>b]" time="0.1" /><testcase classname="t" name="two" time="0.1"/>` +
    `<testcase classname="t" name="three" time="0.1"><error message="x">y</error></testcase></testsuite></testsuites>`;
  assert.deepEqual(countTests(xml), { passed: 2, failed: 1, skipped: 0 });
});

Deno.test("countTests() finds nothing in an empty report", () => {
  assert.deepEqual(countTests(""), { passed: 0, failed: 0, skipped: 0 });
});
