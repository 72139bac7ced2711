import type { Clock } from "../../../shared/clock.ts";
import type { Logger } from "../../../shared/log.ts";
import { Authority, CLIENT_DAYS, CLIENT_NAME, type KeyPair } from "./certificates.ts";

/** What signs the certificates of runners, and by what grad is known to their components. */
export type Identity = Readonly<{ authority: Authority; client: KeyPair }>;

export type IdentitiesOptions = Readonly<{
  /** The authority's certificate and key; the same object until they are replaced. */
  authority: () => KeyPair;
  clock: Pick<Clock, "now">;
  log: Logger;
}>;

const DAY_MS = 24 * 3600 * 1000;

/**
 * This process's identity. The key of its client certificate exists only here, in memory: each instance of grad signs its own, and a
 * new one when half of its life is over, or when the authority has been replaced.
 */
export class Identities {
  readonly #options: IdentitiesOptions;
  #held: Readonly<{ pair: KeyPair; renewAtMs: number; identity: Identity }> | undefined;
  #making: Promise<Identity> | undefined;

  constructor(options: IdentitiesOptions) {
    this.#options = options;
  }

  /** The same object until it is renewed. @throws {Error} where the authority's files are no certificate and key of the curve P-256 */
  current(): Promise<Identity> {
    const pair = this.#options.authority();
    const held = this.#held;
    if (held !== undefined && held.pair === pair && this.#options.clock.now() < held.renewAtMs) {
      return Promise.resolve(held.identity);
    }
    return this.#making ??= this.#make(pair).finally(() => this.#making = undefined);
  }

  async #make(pair: KeyPair): Promise<Identity> {
    const { clock, log } = this.#options;
    const nowMs = clock.now();
    const authority = await Authority.load(pair);
    const client = await authority.client(CLIENT_NAME, nowMs, CLIENT_DAYS);
    const identity = { authority, client };
    this.#held = { pair, renewAtMs: nowMs + CLIENT_DAYS / 2 * DAY_MS, identity };
    log.info("identity.renewed", { days: CLIENT_DAYS });
    return identity;
  }
}
