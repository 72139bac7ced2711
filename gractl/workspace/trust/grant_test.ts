import assert from "node:assert/strict";
import { covers, describeGrant, type Grant, missingOf } from "./grant.ts";

const S3: Grant & { kind: "s3" } = {
  kind: "s3",
  endpoint: "https://s3.example.com",
  bucket: "nyc",
  prefix: "flights",
  access: "read-only",
  credentials: { source: "profile", profile: "research", file: "" },
};
const DIRECTORY: Grant & { kind: "directory" } = {
  kind: "directory",
  path: "/srv/shelf",
  access: "read-only",
};

const cases: readonly (readonly [what: string, granted: Grant, wanted: Grant, covered: boolean])[] = [
  ["the same context", { kind: "grad", context: "a" }, { kind: "grad", context: "a" }, true],
  ["another context", { kind: "grad", context: "a" }, { kind: "grad", context: "b" }, false],
  ["another kind", { kind: "grad", context: "a" }, DIRECTORY, false],
  ["the same folder", DIRECTORY, DIRECTORY, true],
  ["a folder below", DIRECTORY, { ...DIRECTORY, path: "/srv/shelf/2013" }, true],
  ["a folder above", DIRECTORY, { ...DIRECTORY, path: "/srv" }, false],
  ["a folder whose name begins the same", DIRECTORY, { ...DIRECTORY, path: "/srv/shelf2" }, false],
  ["more access", DIRECTORY, { ...DIRECTORY, access: "read-write" }, false],
  ["less access", { ...DIRECTORY, access: "read-write" }, DIRECTORY, true],
  ["the same location", S3, { ...S3 }, true],
  ["a prefix below", S3, { ...S3, prefix: "flights/2013" }, true],
  ["any prefix of a whole bucket", { ...S3, prefix: "" }, S3, true],
  ["the whole bucket", S3, { ...S3, prefix: "" }, false],
  ["a prefix that begins the same", S3, { ...S3, prefix: "flights2" }, false],
  ["another bucket", S3, { ...S3, bucket: "other" }, false],
  ["another endpoint with the same keys", S3, { ...S3, endpoint: "https://evil.example.com" }, false],
  ["other keys", S3, { ...S3, credentials: { source: "environment" } }, false],
  ["no keys", S3, { ...S3, credentials: { source: "anonymous" } }, false],
  ["another profile", S3, { ...S3, credentials: { source: "profile", profile: "x", file: "" } }, false],
  [
    "another file of keys",
    S3,
    { ...S3, credentials: { source: "profile", profile: "research", file: "/k" } },
    false,
  ],
  ["to write there", S3, { ...S3, access: "read-write" }, false],
];
for (const [what, granted, wanted, covered] of cases) {
  Deno.test(`covers() ${covered ? "accepts" : "refuses"} ${what}`, () => {
    assert.equal(covers(granted, wanted), covered);
  });
}

Deno.test("missingOf() does not combine an endpoint of one grant with the keys of another", () => {
  const open: Grant = { ...S3, endpoint: "https://evil.example.com", credentials: { source: "anonymous" } };
  const wanted: Grant = { ...open, credentials: S3.credentials };
  assert.deepEqual(missingOf([S3, open], [wanted]), [wanted]);
  assert.deepEqual(missingOf([], [wanted, wanted, S3]), [wanted, S3]);
});

for (
  const [grant, text] of [
    [{ kind: "grad", context: "local" }, "grad: code runs in the grad of this machine"],
    [DIRECTORY, 'folder: "/srv/shelf", read-only'],
    [
      S3,
      'S3: "s3://nyc/flights" at https://s3.example.com, read-only, with the keys of your AWS profile "research"',
    ],
    [
      { ...S3, endpoint: "", prefix: "", credentials: { source: "profile", profile: "", file: "~/k" } },
      'S3: "s3://nyc" at AWS, read-only, with the keys of your AWS profile (AWS_PROFILE, else default) in "~/k"',
    ],
    [
      { ...S3, credentials: { source: "environment" } },
      'S3: "s3://nyc/flights" at https://s3.example.com, read-only, with the keys in your environment (AWS_ACCESS_KEY_ID)',
    ],
    [
      { ...S3, credentials: { source: "anonymous" } },
      'S3: "s3://nyc/flights" at https://s3.example.com, read-only, with no keys',
    ],
  ] as readonly (readonly [Grant, string])[]
) {
  Deno.test(`describeGrant() says ${text}`, () => assert.equal(describeGrant(grant), text));
}
