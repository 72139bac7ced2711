import { createHash, createHmac, randomUUID } from "node:crypto";
import { AwsClient } from "aws4fetch";
import type { S3Keys } from "./s3_uploader.ts";

/**
 * What STS and S3 do together for temporary keys: versitygw knows no session tokens, so this stands before it, checks token,
 * expiry and signature of each request, and passes it on signed with a user's lasting keys.
 */
export type StsGate = AsyncDisposable & {
  readonly endpoint: string;
  /** Temporary keys that hold until `expire` is called. */
  issue(): Required<S3Keys>;
  /** From now on S3's own `ExpiredToken` is the answer to these keys. */
  expire(keys: S3Keys): void;
};

type Session = { keys: Required<S3Keys>; expired: boolean };

/** `host` is the address to listen on. */
export function startStsGate(upstream: string, lasting: S3Keys, host = "127.0.0.1"): StsGate {
  const sessions = new Map<string, Session>();
  const client = new AwsClient({ ...plain(lasting), service: "s3", region: "us-east-1", retries: 0 });

  async function answer(request: Request): Promise<Response> {
    const session = sessions.get(request.headers.get("x-amz-security-token") ?? "");
    if (session === undefined) {
      return refusal(400, "InvalidToken", "The provided token is malformed or otherwise invalid.");
    }
    if (session.expired) return refusal(400, "ExpiredToken", "The provided token has expired.");
    if (!isSignedWith(request, session.keys)) {
      return refusal(403, "SignatureDoesNotMatch", "The signature does not match.");
    }
    const url = new URL(request.url);
    const range = request.headers.get("range");
    const response = await client.fetch(`${upstream}${url.pathname}${url.search}`, {
      method: request.method,
      headers: range === null ? {} : { range },
    });
    return new Response(request.method === "HEAD" ? null : response.body, {
      status: response.status,
      headers: response.headers,
    });
  }

  const server = Deno.serve({ hostname: host, port: 0, onListen: () => {} }, answer);
  return {
    endpoint: `http://${host}:${server.addr.port}`,
    issue() {
      const sessionToken = `t0k3n${randomUUID().replaceAll("-", "")}`;
      const keys = { accessKeyId: "ASIATEMPORARY", secretAccessKey: `s3cr3t${randomUUID()}`, sessionToken };
      sessions.set(sessionToken, { keys, expired: false });
      return keys;
    },
    expire(keys) {
      const session = sessions.get(keys.sessionToken ?? "");
      if (session !== undefined) session.expired = true;
    },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** AWS signature version 4 of a request whose body's hash is in `x-amz-content-sha256`. */
function isSignedWith(request: Request, keys: S3Keys): boolean {
  const authorization = request.headers.get("authorization") ?? "";
  const parts =
    /Credential=[^/]+\/(\d+)\/([^/]+)\/([^/]+)\/aws4_request,\s*SignedHeaders=([^,]+),\s*Signature=(\w+)/
      .exec(authorization);
  if (parts === null) return false;
  const [, day = "", region = "", service = "", signed = "", signature] = parts;
  const url = new URL(request.url);
  const query = url.search.slice(1).split("&").filter((part) => part !== "").map((part) => {
    const [name = "", value = ""] = part.split("=", 2);
    return `${canonical(name)}=${canonical(value)}`;
  }).sort().join("&");
  const headers = signed.split(";").map((name) => `${name}:${(request.headers.get(name) ?? "").trim()}\n`)
    .join("");
  const hash = request.headers.get("x-amz-content-sha256") ?? "";
  const whole = [request.method, url.pathname, query, headers, signed, hash].join("\n");
  const scope = `${day}/${region}/${service}/aws4_request`;
  const date = request.headers.get("x-amz-date") ?? "";
  const text = ["AWS4-HMAC-SHA256", date, scope, createHash("sha256").update(whole).digest("hex")].join(
    "\n",
  );
  let key: Uint8Array = new TextEncoder().encode(`AWS4${keys.secretAccessKey}`);
  for (const part of [day, region, service, "aws4_request", text]) {
    key = createHmac("sha256", key).update(part).digest();
  }
  return [...key].map((byte) => byte.toString(16).padStart(2, "0")).join("") === signature;
}

/** However a client has encoded it: s3fs leaves slashes as they are. */
function canonical(encoded: string): string {
  return encodeURIComponent(decodeURIComponent(encoded))
    .replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function refusal(status: number, code: string, message: string): Response {
  const body =
    `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return new Response(body, { status, headers: { "content-type": "application/xml" } });
}

function plain(keys: S3Keys): { accessKeyId: string; secretAccessKey: string } {
  return { accessKeyId: keys.accessKeyId, secretAccessKey: keys.secretAccessKey };
}
