import assert from "node:assert/strict";
import { executeCall } from "../support/execution_document.ts";
import { eventually } from "../support/process.ts";
import { suite, type World } from "../support/suite.ts";
import { writeS3Dataset } from "../support/workspace_files.ts";

const scenario = suite();

const TOKEN = "session-token-of-the-attack";

type Seen = { url: string; userAgent: string; token: string | null };

/** A server, which records what it is asked. */
function server({ backend }: World, answer: (request: Request) => Response) {
  const seen: Seen[] = [];
  const http = Deno.serve({ hostname: backend.host, port: 0, onListen: () => {} }, (request) => {
    const { url, headers } = request;
    seen.push({
      url,
      userAgent: headers.get("user-agent") ?? "",
      token: headers.get("x-amz-security-token"),
    });
    return answer(request);
  });
  return { port: http.addr.port, seen, [Symbol.asyncDispose]: () => http.shutdown() };
}

/** The server by another name than that of its address, where it has one: another host for whoever compares names. */
function endpointOf({ backend }: World, { port }: { port: number }): string {
  return `http://${backend.name === "local" ? "localhost" : backend.host}:${port}`;
}

const ONE_FILE = '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult><Name>lake</Name>' +
  "<IsTruncated>false</IsTruncated><Contents><Key>a.txt</Key><Size>1</Size><ETag>x</ETag>" +
  "<LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents></ListBucketResult>";

async function attach(world: World, endpoint: string) {
  const cwd = await world.backend.makeWorkspace();
  await writeS3Dataset(world.backend, cwd, { name: "lake", endpoint, bucket: "lake" });
  const env = { AWS_ACCESS_KEY_ID: "AKIA", AWS_SECRET_ACCESS_KEY: "secret", AWS_SESSION_TOKEN: TOKEN };
  const executed = await executeCall(world.backend, cwd, "1", { env, args: ["--dataset", "lake"] });
  const checked = await world.backend.gractl(["dataset", "check", "lake", "-o", "json"], { cwd, env });
  await world.backend.gractl(["runner", "destroy", "runner-1", "--force"], { cwd });
  return { executed, checked };
}

scenario("what follows a redirect gives its session token to another server", async (world) => {
  await using victim = server(world, () => new Response());
  await using hostile = server(
    world,
    () =>
      new Response(null, {
        status: 307,
        headers: { location: `http://${world.backend.host}:${victim.port}/` },
      }),
  );
  // s3fs without the environment that the data component gives it, in namespaces of its own.
  const mount = await Deno.makeTempDir({ dir: world.backend.dir });
  const options = `url=${
    endpointOf(world, hostile)
  },sigv4,retries=1,use_path_request_style,use_session_token`;
  const child = new Deno.Command("unshare", {
    args: [
      ...["--user", "--map-root-user", "--mount", "--fork", "--kill-child"],
      ...["s3fs", "-f", "lake", mount, "-o", options],
    ],
    clearEnv: true,
    env: {
      PATH: "/usr/local/bin:/usr/bin:/bin",
      AWS_ACCESS_KEY_ID: "AKIA",
      AWS_SECRET_ACCESS_KEY: "secret",
      AWS_SESSION_TOKEN: TOKEN,
    },
    stdout: "null",
    stderr: "null",
  }).spawn();
  try {
    await eventually("a request to the victim", () => victim.seen[0]);
  } finally {
    child.kill("SIGKILL");
    await child.status;
  }
  assert.equal(victim.seen[0]?.token, TOKEN);
});

scenario("s3fs does not follow a redirect to another host", async (world) => {
  await using victim = server(world, () => new Response());
  await using hostile = server(world, (request) => {
    if (request.headers.get("user-agent")?.startsWith("s3fs")) {
      return new Response(null, {
        status: 307,
        headers: { location: `http://${world.backend.host}:${victim.port}/` },
      });
    }
    return new Response(request.url.includes("list-type") ? ONE_FILE : null);
  });
  const { executed, checked } = await attach(world, endpointOf(world, hostile));
  assert.equal(executed.exits(3).error().code, "dataset_mount_failed");
  assert.equal(checked.exits(3).error().code, "dataset_mount_failed");
  assert.ok(hostile.seen.some(({ userAgent, token }) => userAgent.startsWith("s3fs") && token === TOKEN));
  assert.deepEqual(victim.seen, []);
}, { only: "local" }); // in reach of pods is one address alone: there is no other host

scenario("an endpoint that redirects is refused after one request", async (world) => {
  await using victim = server(world, () => new Response());
  await using hostile = server(
    world,
    () =>
      new Response(null, {
        status: 307,
        headers: { location: `http://${world.backend.host}:${victim.port}/` },
      }),
  );
  const { executed, checked } = await attach(world, endpointOf(world, hostile));
  for (const call of [executed, checked]) {
    assert.equal(call.exits(2).error().code, "dataset_endpoint_refused");
    assert.match(call.error().message, /answers with a redirect/);
    assert.match(call.error().hint, /Name the endpoint/);
  }
  assert.equal(hostile.seen.length, 2, "one request for each call");
  assert.deepEqual(victim.seen, []);
});

scenario(
  "an endpoint that leads to this machine or to metadata is refused without a request",
  async (world) => {
    await using victim = server(world, () => new Response(ONE_FILE));
    const named = await attach(world, `http://${world.backend.host}:${victim.port}`);
    assert.notEqual(victim.seen.length, 0, `a server that is named so is asked: ${named.executed}`);
    victim.seen.length = 0;
    for (const host of ["0x7f000001", "[::ffff:127.0.0.1]", "0.0.0.0", "169.254.169.254"]) {
      const { executed, checked } = await attach(world, `http://${host}:${victim.port}`);
      for (const call of [executed, checked]) {
        assert.equal(call.exits(2).error().code, "dataset_endpoint_refused", `${host}: ${call}`);
      }
    }
    assert.deepEqual(victim.seen, []);
  },
);
