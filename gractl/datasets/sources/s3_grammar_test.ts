import assert from "node:assert/strict";
import { bucketFault, endpointFault, prefixFault, regionFault } from "./s3_grammar.ts";

const GRAMMARS = { bucketFault, endpointFault, prefixFault, regionFault } as const;

const good: Readonly<Record<keyof typeof GRAMMARS, readonly string[]>> = {
  bucketFault: ["nyc", "a1b", "my.bucket-2", "a".repeat(63)],
  prefixFault: ["", "a", "a/b", "a/b/", "2013 data/flüge", "a=1/b=2", "...", "a..b/.c", "a".repeat(900)],
  endpointFault: [
    "",
    "http://localhost",
    "http://127.0.0.1:9000",
    "https://[::1]:9000/",
    "https://minio.example.com:65535",
    "http://localhost:1",
    "https://s3.eu-central-1.amazonaws.com/",
  ],
  regionFault: ["", "us-east-1", "garage", "a", "a".repeat(40)],
};

const bad: Readonly<Record<keyof typeof GRAMMARS, readonly string[]>> = {
  bucketFault: [
    "",
    "ab",
    "a".repeat(64),
    "My",
    "a_b",
    "-ab",
    "ab-",
    "a..b",
    "1.2.3.4",
    "nyc/flights",
    "s3://nyc",
    "nyc,use_cache=/",
    "nyc\n",
    "nyc ",
    "ünder",
  ],
  prefixFault: [
    "/a",
    "..",
    "../up",
    "a/..",
    "a/./b",
    "a//b",
    "/",
    "//",
    "a\nb",
    "a\\b",
    "\u0000",
    "a".repeat(901),
  ],
  endpointFault: [
    "minio:9000",
    "localhost",
    "ftp://x",
    "HTTP://x",
    "http://",
    "http://u:p@host",
    "http://host/path",
    "http://host?x=1",
    "http://host#x",
    "http://host:0",
    "http://host:65536",
    "http://host:123456",
    "http://host:",
    "http://ho st",
    "http://host\n",
    "http://-a",
    "http://a..b",
    "file:///etc",
  ],
  regionFault: ["Frankfurt", "eu central", "-x", "a".repeat(41), "x\n"],
};

for (const [name, fault] of Object.entries(GRAMMARS)) {
  for (const text of good[name as keyof typeof GRAMMARS]) {
    Deno.test(`${name}() accepts ${JSON.stringify(text.slice(0, 40))}`, () =>
      assert.equal(fault(text), undefined));
  }
  for (const text of bad[name as keyof typeof GRAMMARS]) {
    Deno.test(`${name}() refuses ${JSON.stringify(text.slice(0, 40))}`, () => {
      const message = fault(text);
      assert.match(message ?? "", /; /, "a fault and what to do");
      if (text.length > 5) assert.ok(!message?.includes(text), "values are never quoted");
    });
  }
}
