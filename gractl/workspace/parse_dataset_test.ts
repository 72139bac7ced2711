import assert from "node:assert/strict";
import { renderFault } from "../../shared/yaml/fault.ts";
import { parseDataset } from "./parse_dataset.ts";
import { assertGolden } from "../../shared/testing/golden.ts";

const FAULTS = new URL("testdata/faults/", import.meta.url);

const parse = (text: string, file = "/w/datasets/flights.yaml") =>
  parseDataset(new TextEncoder().encode(text), { file, home: "/home/ann" });

for (const { name } of [...Deno.readDirSync(FAULTS)].filter(({ name }) => name.endsWith(".yaml"))) {
  Deno.test(`parseDataset() reports all faults of ${name} with positions and remedies`, async () => {
    const bytes = await Deno.readFile(new URL(name, FAULTS));
    const { dataset, faults } = await parseDataset(bytes, { file: `/w/datasets/${name}`, home: undefined });
    assert.equal(dataset, undefined);
    const text = faults.map((fault) => `${renderFault(fault).slice("/w/".length)}\n`).join("");
    assert.doesNotMatch(text, /wJalr|AKIA|undefined|\[object/);
    await assertGolden(text, new URL(name.replace(".yaml", ".faults.txt"), FAULTS));
  });
}

Deno.test("parseDataset() fills in defaults", async () => {
  const { dataset } = await parse(
    "apiVersion: gractl/v1\nkind: Dataset\nname: flights\ntype: s3\ns3: {bucket: nyc}\n",
  );
  assert.deepEqual(dataset, {
    file: "/w/datasets/flights.yaml",
    name: "flights",
    description: "",
    access: "read-only",
    source: {
      type: "s3",
      endpoint: "",
      region: "",
      bucket: "nyc",
      prefix: "",
      pathStyle: false,
      credentials: { source: "environment" },
    },
  });
});

Deno.test("parseDataset() reads all keys, a byte order mark and Windows line ends", async () => {
  const { dataset, faults } = await parse(
    `\ufeff${
      `# Flights
apiVersion: gractl/v1
kind: Dataset
name: flights
description: |
  All flights
  of 2013
type: s3
s3:
  endpoint: https://minio.example.com:9000/
  region: eu-central-1
  bucket: nyc.data
  prefix: flights/2013/
  pathStyle: true
access: read-write
credentials: {source: profile, profile: research team, file: ~/keys}
`.replaceAll("\n", "\r\n")
    }`,
  );
  assert.deepEqual(faults, []);
  assert.equal(dataset?.description, "All flights\nof 2013\n");
  assert.equal(dataset?.access, "read-write");
  assert.deepEqual(dataset?.source, {
    type: "s3",
    endpoint: "https://minio.example.com:9000",
    region: "eu-central-1",
    bucket: "nyc.data",
    prefix: "flights/2013",
    pathStyle: true,
    credentials: { source: "profile", profile: "research team", file: "~/keys" },
  });
});

for (
  const [path, want] of [["/data/x", "/data/x"], ["../../shelf", "/shelf"], ["~/shelf", "/home/ann/shelf"], [
    "~",
    "/home/ann",
  ]] as const
) {
  Deno.test(`parseDataset() resolves the folder ${path} to ${want}`, async () => {
    const { dataset } = await parse(
      `apiVersion: gractl/v1\nkind: Dataset\nname: flights\ntype: directory\ndirectory: {path: "${path}"}\n`,
    );
    assert.deepEqual(dataset?.source, { type: "directory", path: want });
  });
}
