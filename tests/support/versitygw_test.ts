import assert from "node:assert/strict";
import { S3Uploader } from "./s3_uploader.ts";
import { startS3Server } from "./versitygw.ts";

Deno.test("startS3Server() serves users with rights of their own, and ends", async () => {
  const dir = Deno.makeTempDirSync({ dir: "/tmp", prefix: "gt-" });
  let endpoint = "";
  {
    await using server = await startS3Server(dir);
    endpoint = server.endpoint;
    const [reader, stranger] = [await server.addUser("reader"), await server.addUser("stranger")];
    await server.uploader.makeBucket("things");
    await server.uploader.put("things", "a/b c.txt", "hello");
    await server.uploader.allowReading("things", [reader.accessKeyId]);

    const asReader = new S3Uploader(endpoint, reader);
    assert.equal(new TextDecoder().decode(await asReader.get("things", "a/b%20c.txt")), "hello");
    assert.equal(await asReader.listStatus("things"), 200);
    assert.equal(await new S3Uploader(endpoint, stranger).listStatus("things"), 403);
    assert.equal(
      await new S3Uploader(endpoint, { ...reader, secretAccessKey: "x" }).listStatus("things"),
      403,
    );
    assert.equal(await asReader.listStatus("nothing"), 404);
    await assert.rejects(asReader.put("things", "c.txt", "no"), /403/);

    await server.stop();
    await assert.rejects(asReader.listStatus("things"));
    await server.restart();
    assert.equal(await asReader.listStatus("things"), 200);
  }
  await assert.rejects(fetch(endpoint));
  await assert.rejects(Deno.stat(dir), Deno.errors.NotFound);
});
