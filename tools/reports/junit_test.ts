import assert from "node:assert/strict";
import { countTests, failures } from "./junit.ts";

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

Deno.test("failures() names the failed tests of deno test and pytest, with what they failed with", () => {
  const deno = `<testcase name="a &gt; b" classname="./a_test.ts" time="0.001" line="1" col="6">` +
    `<failure message="Uncaught &quot;x&quot;">AssertionError: 1 &lt; 2\n    at a_test.ts:3</failure></testcase>` +
    `<testcase name="ok" classname="./a_test.ts" line="2"></testcase>` +
    `<testcase name="short" classname="./a_test.ts" line="3"><failure message="Leaks&#x3a; a"></failure></testcase>`;
  assert.deepEqual(failures(deno), [
    { where: "./a_test.ts", name: "a > b", message: "AssertionError: 1 < 2\n    at a_test.ts:3" },
    { where: "./a_test.ts", name: "short", message: "Leaks: a" },
  ]);
  const lines = Array.from({ length: 20 }, (_, line) => `line ${line}`).join("\n");
  const pytest =
    `<testcase classname="tests.t" name="one[a&amp;b]" time="0.1"><error message="x">${lines}</error></testcase>`;
  const [failure] = failures(pytest);
  assert.equal(failure?.name, "one[a&b]");
  assert.equal(failure?.message.split("\n")[0], "line 8");
  assert.ok(failure?.message.endsWith("line 19"));
});
