/** What a token says about itself. Nothing is verified: grad does that. */
export type TokenClaims = Readonly<{
  /** When it expires, in milliseconds since the epoch; `undefined` where it does not say. */
  expiresAtMs: number | undefined;
  /** When it was made; `undefined` where it does not say. */
  issuedAtMs: number | undefined;
  /** For which services it is; empty where it does not say. */
  audiences: readonly string[];
  /** Whom it identifies, as `system:serviceaccount:NAMESPACE:NAME`; empty where it does not say. */
  subject: string;
}>;

/** The claims of a JSON Web Token; `undefined` for a token of another kind, which only its issuer can read. */
export function readClaims(token: string): TokenClaims | undefined {
  const [, payload, signature, ...more] = token.split(".");
  if (payload === undefined || signature === undefined || more.length > 0) return undefined;
  let claims: unknown;
  try {
    claims = JSON.parse(new TextDecoder().decode(Uint8Array.fromBase64(payload, { alphabet: "base64url" })));
  } catch {
    return undefined;
  }
  if (typeof claims !== "object" || claims === null) return undefined;
  const { exp, iat, aud, sub } = claims as Record<string, unknown>;
  return {
    expiresAtMs: instant(exp),
    issuedAtMs: instant(iat),
    audiences: [aud].flat().filter((each) => typeof each === "string"),
    subject: typeof sub === "string" ? sub : "",
  };
}

function instant(seconds: unknown): number | undefined {
  return typeof seconds === "number" && Number.isFinite(seconds) ? seconds * 1_000 : undefined;
}
