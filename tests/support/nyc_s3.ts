import type { Backend } from "./backend.ts";
import { flightsParquet } from "./flights.ts";
import type { S3Keys } from "./s3_uploader.ts";
import { type S3Server, startS3Server } from "./versitygw.ts";

/** The S3 server of a file of scenarios, with the flights of 2013 in it. */
export type NycS3 = AsyncDisposable & {
  readonly server: S3Server;
  /** The bucket with flights/, airlines/, airports/, planes/ and weather/. */
  readonly bucket: "nyc";
  /** A bucket that everybody may read; it has airlines/ only. */
  readonly openBucket: "open-data";
  /** A user who may read `bucket`. */
  readonly reader: S3Keys;
  /** A user whom the server knows, and who may read nothing. */
  readonly stranger: S3Keys;
  /** The keys of `reader`, as environment variables of gractl. */
  readonly env: Readonly<Record<string, string>>;
};

export function keysEnv(keys: S3Keys): Readonly<Record<string, string>> {
  return {
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    ...(keys.sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: keys.sessionToken }),
  };
}

export async function nycS3(backend: Pick<Backend, "keepSecret" | "host">): Promise<NycS3> {
  const parquet = await flightsParquet();
  const server = await startS3Server(Deno.makeTempDirSync({ dir: "/tmp", prefix: "gs-" }), backend.host);
  const [reader, stranger] = [await server.addUser("reader"), await server.addUser("stranger")];
  for (const keys of [server.admin, reader, stranger]) backend.keepSecret(keys.secretAccessKey);
  const { uploader } = server;
  await uploader.makeBucket("nyc");
  await uploader.putFolder("nyc", "", parquet);
  await uploader.allowReading("nyc", [reader.accessKeyId]);
  await uploader.makeBucket("open-data");
  await uploader.putFolder("open-data", "airlines/", `${parquet}/airlines`);
  await uploader.allowReading("open-data", "*");
  return {
    server,
    bucket: "nyc",
    openBucket: "open-data",
    reader,
    stranger,
    env: keysEnv(reader),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
