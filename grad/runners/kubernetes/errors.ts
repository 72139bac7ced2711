import { ApiException } from "@kubernetes/client-node";
import { GradError } from "../../../shared/errors.ts";

/** Statuses that the API server gives for reasons that are a normal outcome. */
export const NOT_FOUND = 404;
/** The object exists already, or its version is another one. */
export const CONFLICT = 409;

/** The answer, or `undefined` where the API server refuses with one of `statuses`. */
export async function unless<T>(statuses: readonly number[], call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (thrown) {
    if (thrown instanceof ApiException && statuses.includes(thrown.code)) return undefined;
    throw toError(thrown);
  }
}

/** What was created; `undefined` where it exists. @throws {GradError} as {@link toCreateError} */
export async function unlessExists<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (thrown) {
    if (thrown instanceof ApiException && thrown.code === CONFLICT) return undefined;
    throw toCreateError(thrown);
  }
}

/** As {@link toError}; a refusal that has nothing to do with grad's rights is `quota_exhausted` or `runner_failed`, with its words. */
export function toCreateError(thrown: unknown): GradError {
  const refused = thrown instanceof ApiException ? refusalOf(thrown.code, saidBy(thrown.body)) : undefined;
  return refused ?? toError(thrown);
}

/**
 * What went wrong with a request, without the request: errors of client-node print headers, and so the credentials of grad.
 * A refusal is `internal`, for its cause is a Role or a CRD; everything else is `grad_unavailable`, for it may pass.
 */
export function toError(thrown: unknown): GradError {
  if (thrown instanceof ApiException) {
    const said = saidBy(thrown.body);
    const hint = "The log of grad has the request; `gractl doctor` checks grad's rights and the CRD.";
    if (thrown.code >= 400 && thrown.code < 500 && thrown.code !== 429) {
      return new GradError("internal", `Cannot use the Kubernetes API: it answers ${thrown.code}: ${said}`, {
        hint,
      });
    }
    return unavailable(`it answers ${thrown.code}: ${said}`);
  }
  const { cause } = (thrown as { cause?: unknown } | null) ?? {};
  // What failed is in the cause: fetch itself says "fetch failed" only.
  return unavailable(
    [thrown, cause].map(textOf).filter((text) => text !== "").join(": ") || "the connection failed",
  );
}

/** Only the message: a WebSocket's ErrorEvent has the whole connection, with grad's credentials, in its other properties. */
function textOf(thrown: unknown): string {
  const message = (thrown as { message?: unknown } | null | undefined)?.message;
  return typeof message === "string" ? message : "";
}

function unavailable(why: string): GradError {
  return new GradError("grad_unavailable", `Cannot reach the Kubernetes API: ${why}`, {
    hint: "Call again.",
  });
}

/** The message of a `Status` object, which client-node hands on as text. */
function saidBy(body: unknown): string {
  if (typeof body !== "string") return (body as { message?: string } | undefined)?.message ?? "";
  try {
    return (JSON.parse(body) as { message?: string }).message ?? body;
  } catch {
    return body.slice(0, 500);
  }
}

/** A refusal of an object that has nothing to do with grad's rights: `… is forbidden: <why>`, or an object that is not valid. */
function refusalOf(code: number, said: string): GradError | undefined {
  const why = code === FORBIDDEN
    ? /" is forbidden: (.*)$/s.exec(said)?.[1]
    : code === INVALID
    ? said
    : undefined;
  if (why === undefined || /^User "/.test(why)) return undefined;
  if (why.includes("exceeded quota")) {
    return new GradError("quota_exhausted", `Cannot make the runner: ${why}`, {
      hint:
        "Pause or destroy runners that you do not need, or ask the cluster's operators to raise the quota of the namespace.",
    });
  }
  return new GradError("runner_failed", `Cannot make the runner: Kubernetes refuses it: ${why}`, {
    hint: "Ask for other resources, or show this message to the cluster's operators.",
  });
}

const FORBIDDEN = 403;
const INVALID = 422;
