import assert from "node:assert/strict";
import { S3Uploader } from "./s3_uploader.ts";
import { startStsGate } from "./sts_gate.ts";
import { startS3Server } from "./versitygw.ts";

Deno.test("startStsGate() lets temporary keys in until they expire", async () => {
  await using server = await startS3Server(Deno.makeTempDirSync({ dir: "/tmp", prefix: "gt-" }));
  await server.uploader.makeBucket("things");
  await server.uploader.put("things", "a.txt", "hello");
  await using gate = startStsGate(server.endpoint, server.admin);
  const keys = gate.issue();
  const client = new S3Uploader(gate.endpoint, keys);
  assert.equal(new TextDecoder().decode(await client.get("things", "a.txt")), "hello");
  assert.equal(await client.listStatus("things"), 200);

  const forged = new S3Uploader(gate.endpoint, { ...keys, secretAccessKey: "guessed" });
  assert.equal(await forged.listStatus("things"), 403);
  const unknown = new S3Uploader(gate.endpoint, { ...keys, sessionToken: "unknown" });
  assert.equal(await unknown.listStatus("things"), 400);
  gate.expire(keys);
  assert.equal(await client.listStatus("things"), 400);
});
