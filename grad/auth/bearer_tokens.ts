import { createHash } from "node:crypto";
import { abortable } from "../../shared/abort.ts";
import type { Clock } from "../../shared/clock.ts";
import { GradError } from "../../shared/errors.ts";
import type { Authenticator } from "./authenticator.ts";
import type { Caller } from "./call_context.ts";

/** Verifies a token; `undefined` where it is not valid. @throws {GradError} `grad_unavailable` where that cannot be found out */
export type VerifyToken = (token: string, signal: AbortSignal) => Promise<Caller | undefined>;

/** How long the result of a verification is used again, in milliseconds: a token that is revoked is refused after so long. */
const CACHED_MS = 60_000;
const MAX_CACHED = 1_000;
const MAX_TOKEN_BYTES = 16 * 1024;

/**
 * Every call has a bearer token. Only for listeners with TLS.
 * @throws {GradError} from `authenticate`: `unauthenticated`, `grad_unavailable`
 */
export function bearerTokens(verify: VerifyToken, clock: Pick<Clock, "now">): Authenticator {
  /** By a hash of the token: a dump of this process's memory has one token less. */
  const cache = new Map<string, Readonly<{ caller: Caller; untilMs: number }>>();
  /** By the same hash: the first calls of a client, which come at the same time, ask once. */
  const asking = new Map<string, Promise<Caller | undefined>>();
  function verifyOnce(key: string, token: string): Promise<Caller | undefined> {
    const asked = asking.get(key);
    if (asked !== undefined) return asked;
    // A caller that leaves does not end what others wait for.
    const answer = verify(token, NEVER).finally(() => asking.delete(key));
    asking.set(key, answer);
    return answer;
  }
  return {
    by: "token",
    async authenticate({ authorization }, signal) {
      const token = /^Bearer ([A-Za-z0-9._~+/=-]+)$/i.exec(authorization ?? "")?.[1];
      if (token === undefined || token.length > MAX_TOKEN_BYTES) {
        throw refused("the call has no bearer token");
      }
      const key = createHash("sha256").update(token).digest("base64");
      const known = cache.get(key);
      if (known !== undefined && known.untilMs > clock.now()) return known.caller;
      cache.delete(key);
      const caller = await abortable(verifyOnce(key, token), signal);
      if (caller === undefined) {
        throw refused("its token is not valid, has expired, or is for another service");
      }
      if (cache.size >= MAX_CACHED) cache.delete(cache.keys().next().value!);
      cache.set(key, { caller, untilMs: clock.now() + CACHED_MS });
      return caller;
    },
  };
}

const NEVER = new AbortController().signal;

function refused(why: string): GradError {
  return new GradError("unauthenticated", `Cannot tell who calls: ${why}`);
}
