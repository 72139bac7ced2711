import assert from "node:assert/strict";
import { parseIni } from "./ini_file.ts";

const read = (text: string) =>
  Object.fromEntries([...parseIni(text)].map(([name, section]) => [name, { ...section }]));

Deno.test("parseIni() reads sections like the AWS tools", () => {
  assert.deepEqual(
    read(`# comment
; another
stray = 1
[default]
aws_access_key_id = A
aws_secret_access_key=a/b+c==   # said behind it
[profile  research team]
region = eu-central-1
s3 =
  addressing_style = path
[profile "quoted"]
x=1\r
[default]
region = us-east-1
`),
    {
      default: { aws_access_key_id: "A", aws_secret_access_key: "a/b+c==", region: "us-east-1" },
      "profile research team": { region: "eu-central-1", s3: "" },
      "profile quoted": { x: "1" },
    },
  );
});

Deno.test("parseIni() handles names like __proto__ as plain names", () => {
  const sections = parseIni("[__proto__]\nx=1\n[a]\n__proto__=2\n");
  assert.deepEqual([...sections.keys()], ["__proto__", "a"]);
  assert.equal(sections.get("a")?.["__proto__"], "2");
  assert.equal((Object.prototype as Record<string, unknown>)["x"], undefined);
});

Deno.test("parseIni() takes no setting from comments and titles", () => {
  assert.deepEqual(read("[a]\n# x = 1\n; y = 2\n[b=c]\nz = 3\n"), { a: {}, "b=c": { z: "3" } });
});
