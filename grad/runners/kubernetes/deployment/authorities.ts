// @peculiar/x509 registers its classes by it.
import "reflect-metadata";
import { SubjectAlternativeNameExtension, X509Certificate } from "@peculiar/x509";
import { Authority, type KeyPair } from "../certificates.ts";

/**
 * An authority of the deployment: the one of grad's server certificate, which gractl's contexts trust, or the one of runners and of
 * grad's client certificate, which both sides of a connection to a runner trust. All that are in `trusted` are trusted.
 */
export type DeploymentAuthority = Readonly<{
  /** Signs. */
  current: KeyPair;
  /** Published, so that contexts that are made from now on trust it, too; signs later. */
  next: KeyPair | undefined;
  /** The certificate of the one before, until it ends. */
  previous: string | undefined;
}>;

const DAY_MS = 24 * 3600 * 1000;
/** An authority's successor is published, and so trusted, so long before the end of the authority. */
const PUBLISH_DAYS = 730;
/** It signs from so long before the end: contexts have a year to be made again; runners' certificates are younger than that anyway. */
const SUCCEED_DAYS = 365;
/** How long grad's certificate lives, and how long before its end it is renewed. */
export const SERVER_DAYS = 90;
export const RENEW_DAYS = 30;

/** The authority as it should be now; the same object where nothing is to be done. */
export async function nextAuthority(
  authority: DeploymentAuthority | undefined,
  nowMs: number,
  name = "grad",
): Promise<DeploymentAuthority> {
  const create = () => Authority.create(nowMs, name);
  if (authority === undefined) return { current: await create(), next: undefined, previous: undefined };
  const { current, next, previous } = authority;
  const left = endOf(current.certificate) - nowMs;
  if (next === undefined) {
    return left < PUBLISH_DAYS * DAY_MS ? { current, next: await create(), previous } : authority;
  }
  if (left < SUCCEED_DAYS * DAY_MS) {
    return { current: next, next: undefined, previous: current.certificate };
  }
  return authority;
}

/** PEM of every authority that clients should trust, the one that signs first. */
export function trusted({ current, next, previous }: DeploymentAuthority, nowMs: number): string {
  const all = [current.certificate, next?.certificate, previous].filter((one) => one !== undefined);
  return all.filter((one) => endOf(one) > nowMs).map((one) => `${one.trim()}\n`).join("");
}

/** grad's certificate as it should be now; the same object where nothing is to be done. */
export async function nextServerCertificate(
  pair: KeyPair | undefined,
  authority: DeploymentAuthority,
  { names, nowMs }: Readonly<{ names: readonly string[]; nowMs: number }>,
): Promise<KeyPair> {
  if (pair !== undefined && await isCurrent(pair.certificate, authority, { names, nowMs })) return pair;
  return (await Authority.load(authority.current)).server(names, nowMs, SERVER_DAYS);
}

async function isCurrent(
  certificate: string,
  { current }: DeploymentAuthority,
  { names, nowMs }: Readonly<{ names: readonly string[]; nowMs: number }>,
): Promise<boolean> {
  const parsed = parse(certificate);
  if (parsed === undefined || parsed.notAfter.getTime() - nowMs < RENEW_DAYS * DAY_MS) return false;
  const has = parsed.getExtension(SubjectAlternativeNameExtension)?.names.toJSON().map(({ value }) => value);
  if (JSON.stringify(has) !== JSON.stringify(names)) return false;
  const { publicKey } = new X509Certificate(current.certificate);
  return await parsed.verify({ publicKey, signatureOnly: true });
}

/** When a certificate ends, in milliseconds since the epoch; one that cannot be read has ended. */
export function endOf(certificate: string): number {
  return parse(certificate)?.notAfter.getTime() ?? 0;
}

function parse(certificate: string): X509Certificate | undefined {
  try {
    return new X509Certificate(certificate);
  } catch {
    return undefined;
  }
}
