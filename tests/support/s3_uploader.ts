import assert from "node:assert/strict";
import { AwsClient } from "aws4fetch";

export type S3Keys = Readonly<
  { accessKeyId: string; secretAccessKey: string; sessionToken?: string | undefined }
>;

/** Puts real objects into an S3 server: never a folder's marker, as uploads by other tools make none either. */
export class S3Uploader {
  readonly #client: AwsClient;
  readonly #endpoint: string;

  constructor(endpoint: string, keys: S3Keys) {
    this.#endpoint = endpoint;
    this.#client = new AwsClient({
      accessKeyId: keys.accessKeyId,
      secretAccessKey: keys.secretAccessKey,
      ...(keys.sessionToken === undefined ? {} : { sessionToken: keys.sessionToken }),
      service: "s3",
      region: "us-east-1",
      retries: 0,
    });
  }

  async makeBucket(bucket: string): Promise<void> {
    await this.#send("PUT", bucket);
  }

  async put(bucket: string, key: string, body: Uint8Array | string): Promise<void> {
    assert.ok(!key.endsWith("/"), `${key} would be a folder's marker`);
    await this.#send("PUT", `${bucket}/${key.split("/").map(encodeURIComponent).join("/")}`, body);
  }

  /** Puts every file below `dir` under `prefix`. */
  async putFolder(bucket: string, prefix: string, dir: string): Promise<void> {
    for await (const entry of Deno.readDir(dir)) {
      const path = `${dir}/${entry.name}`;
      if (entry.isDirectory) await this.putFolder(bucket, `${prefix}${entry.name}/`, path);
      else await this.put(bucket, `${prefix}${entry.name}`, await Deno.readFile(path));
    }
  }

  async get(bucket: string, key: string): Promise<Uint8Array> {
    return new Uint8Array(await (await this.#send("GET", `${bucket}/${key}`)).arrayBuffer());
  }

  async delete(bucket: string, key: string): Promise<void> {
    await this.#send("DELETE", `${bucket}/${key}`);
  }

  /** Lets `principal` ("*" is everybody, also without keys) list the bucket and read its objects. */
  async allowReading(bucket: string, principal: string | readonly string[]): Promise<void> {
    await this.#setPolicy(bucket, [reading(bucket, principal)]);
  }

  /** Lets `principal` read all of the bucket and put and delete those `keys` ("a/*"). */
  async allowWriting(bucket: string, principal: string, keys: readonly string[]): Promise<void> {
    const writing = {
      Effect: "Allow",
      Principal: { AWS: principal },
      Action: ["s3:PutObject", "s3:DeleteObject"],
      Resource: keys.map((key) => `arn:aws:s3:::${bucket}/${key}`),
    };
    await this.#setPolicy(bucket, [reading(bucket, principal), writing]);
  }

  /** The keys below a prefix, in order. */
  async list(bucket: string, prefix: string): Promise<string[]> {
    const query = `list-type=2&prefix=${encodeURIComponent(prefix)}`;
    const text = await (await this.#send("GET", `${bucket}?${query}`)).text();
    return [...text.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key]) => key ?? "");
  }

  async #setPolicy(bucket: string, statements: readonly unknown[]): Promise<void> {
    const policy = { Version: "2012-10-17", Statement: statements };
    await this.#send("PUT", `${bucket}?policy`, JSON.stringify(policy));
  }

  /** The HTTP status of a listing with these keys, as the server itself answers. */
  async listStatus(bucket: string): Promise<number> {
    const response = await this.#client.fetch(`${this.#endpoint}/${bucket}?list-type=2`);
    await response.body?.cancel();
    return response.status;
  }

  async #send(method: string, path: string, body?: Uint8Array | string): Promise<Response> {
    const url = `${this.#endpoint}/${path}`;
    const content = typeof body === "string"
      ? body
      : body === undefined
      ? undefined
      : new Uint8Array(body).buffer;
    const response = await this.#client.fetch(url, {
      method,
      ...(content === undefined ? {} : { body: content }),
    });
    if (response.ok && method === "GET") return response;
    const text = await response.text();
    assert.ok(response.ok, `${method} ${url}: ${response.status} ${text}`);
    return response;
  }
}

function reading(bucket: string, principal: string | readonly string[]) {
  return {
    Effect: "Allow",
    Principal: principal === "*" ? "*" : { AWS: principal },
    Action: ["s3:ListBucket", "s3:GetObject"],
    Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
  };
}
