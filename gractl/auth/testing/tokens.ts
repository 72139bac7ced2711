import type { Kubectl } from "../kubectl.ts";

/** A JSON Web Token that is signed by nobody. */
export function unsignedToken(claims: Readonly<Record<string, unknown>>): string {
  const part = (value: unknown) =>
    new TextEncoder().encode(JSON.stringify(value)).toBase64({ alphabet: "base64url", omitPadding: true });
  return `${part({ alg: "none" })}.${part(claims)}.c2lnbmF0dXJl`;
}

/** A kubectl with the given calls; every other one fails the test. */
export function fakeKubectl(calls: Partial<Kubectl> = {}): Kubectl {
  const unexpected = () => Promise.reject(new Error("Called kubectl, which this test does not expect"));
  return { currentContext: unexpected, createToken: unexpected, readConfigMap: unexpected, ...calls };
}
