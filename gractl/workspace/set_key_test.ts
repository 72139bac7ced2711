import assert from "node:assert/strict";
import { setKey } from "./set_key.ts";

const cases: { name: string; text: string; value: string; want: string | undefined }[] = [
  {
    name: "keeps the comment behind it",
    text: "# a\nrunner: x  # mine\nb: 1\n",
    value: "y",
    want: "# a\nrunner: y  # mine\nb: 1\n",
  },
  {
    name: "keeps Windows' line ends",
    text: "a: 1\r\nrunner: x\r\n",
    value: "y",
    want: "a: 1\r\nrunner: y\r\n",
  },
  { name: "replaces a quoted value", text: `runner: "x # y"   # c\n`, value: "z", want: "runner: z   # c\n" },
  {
    name: "quotes a value that YAML would read as another type",
    text: "runner: x\n",
    value: "true",
    want: 'runner: "true"\n',
  },
  { name: 'quotes a value that contains " #"', text: "runner: x\n", value: "a #b", want: 'runner: "a #b"\n' },
  { name: "sets an empty value", text: "runner:\nb: 1\n", value: "y", want: "runner: y\nb: 1\n" },
  {
    name: "gives an empty value before a comment one",
    text: "runner: # c\nb: 1\n",
    value: "y",
    want: "runner: y # c\nb: 1\n",
  },
  { name: "adds a missing key at the end", text: "a: 1 # c\n", value: "y", want: "a: 1 # c\nrunner: y\n" },
  {
    name: "adds a key after a last line without a line break",
    text: "a: 1",
    value: "y",
    want: "a: 1\nrunner: y\n",
  },
  {
    name: "returns undefined for a value that is a mapping",
    text: "runner:\n  a: 1\n",
    value: "y",
    want: undefined,
  },
  { name: "returns undefined for a text that is not a mapping", text: "- a\n", value: "y", want: undefined },
];

for (const { name, text, value, want } of cases) {
  Deno.test(`setKey() ${name}`, () => assert.equal(setKey(text, "runner", value), want));
}
