import { basename, dirname } from "node:path";
import type { Clock } from "../../shared/clock.ts";
import { GradError } from "../../shared/errors.ts";
import type { Ids } from "../../shared/ids.ts";
import { shellCommand } from "../../shared/shell_quote.ts";
import { writeDestination } from "../confined/destination.ts";
import type { Context, ServiceAccount } from "./context.ts";
import { readClaims } from "./jwt.ts";
import type { Kubectl } from "./kubectl.ts";
import { readTokenFile, tokenIn } from "./token_file.ts";
import type { TokenSource } from "../client/token_source.ts";

/** The variable that has a token, for programs without a login. */
export const TOKEN_VARIABLE = "GRACTL_TOKEN";

/** A token is renewed when so much of its life is left, and at least {@link MIN_LEFT_MS}. */
const LEFT_PART = 0.25;
const MIN_LEFT_MS = 60_000;
/** A renewal that failed is not tried again before. The token that is there may still be valid. */
const RETRY_MS = 30_000;

export type ContextTokensOptions = Readonly<{
  env: Readonly<Record<string, string>>;
  uid: number;
  clock: Pick<Clock, "now">;
  ids: Ids;
  kubectl: Kubectl;
  /** The user named the context by `--context` or GRACTL_CONTEXT, and not only the workspace did. */
  named: boolean;
}>;

/**
 * The tokens for a context: that of GRACTL_TOKEN, else that of its file, which is renewed where the context says how.
 *
 * @throws {GradError} `usage` where GRACTL_TOKEN is set and nothing says that it is for this context
 */
export function contextTokens(context: Context, options: ContextTokensOptions): TokenSource {
  const fromEnvironment = options.env[TOKEN_VARIABLE];
  if (fromEnvironment) return variableTokens(fromEnvironment, context, options);
  if (context.tokenFile === "") return noTokens(context);
  const { serviceAccount } = context;
  return serviceAccount === undefined
    ? fileTokens(context, options)
    : renewedTokens(context, serviceAccount, options);
}

/** A token alone does not say for which grad it is: to send it to the grad that a workspace names could give it to another operator. */
function variableTokens(text: string, { name }: Context, { named }: ContextTokensOptions): TokenSource {
  if (!named) {
    throw new GradError(
      "usage",
      `Cannot use ${TOKEN_VARIABLE}: nothing says that it is for the context "${name}"`,
      {
        hint: `Name the context as well, with GRACTL_CONTEXT or --context; or unset ${TOKEN_VARIABLE}.`,
      },
    );
  }
  const token = tokenIn(text, TOKEN_VARIABLE);
  return {
    current: () => Promise.resolve(token),
    after: () => Promise.resolve(undefined),
    remedy: `Set ${TOKEN_VARIABLE} to a token that is valid and has the audience "grad", or unset it.`,
  };
}

function noTokens({ name }: Context): TokenSource {
  const remedy = loginHint(name);
  return {
    current: () =>
      Promise.reject(
        new GradError(
          "unauthenticated",
          `Cannot call the grad of the context "${name}": you have no token for it`,
          {
            hint: `${remedy} Programs set ${TOKEN_VARIABLE}.`,
          },
        ),
      ),
    after: () => Promise.resolve(undefined),
    remedy,
  };
}

/** Whoever writes the file renews it: it is read for every call. */
function fileTokens({ name, tokenFile }: Context, { uid }: ContextTokensOptions): TokenSource {
  const remedy = loginHint(name);
  const read = () => readTokenFile(tokenFile, { uid, remedy });
  return {
    current: read,
    async after(refused) {
      const now = await read();
      return now === refused ? undefined : now;
    },
    remedy,
  };
}

function renewedTokens(
  context: Context,
  account: ServiceAccount,
  { uid, clock, ids, kubectl }: ContextTokensOptions,
): TokenSource {
  const { name, tokenFile } = context;
  const remedy = loginHint(name);
  let nextTryMs = 0;

  let unsaved: string | undefined;

  const read = async () =>
    unsaved ?? await readTokenFile(tokenFile, { uid, remedy }).catch((thrown) => {
      // The file is only where the last token is kept.
      if (thrown instanceof GradError && thrown.code === "unauthenticated") return undefined;
      throw thrown;
    });

  async function renew(signal: AbortSignal): Promise<string> {
    try {
      const token = tokenIn(await kubectl.createToken(account, signal), "kubectl's output");
      try {
        writeToken(tokenFile, token, ids);
        unsaved = undefined;
      } catch {
        // The configuration may be read-only, as a mounted Secret is: the token is for this process alone then.
        unsaved = token;
      }
      return token;
    } catch (thrown) {
      nextTryMs = clock.now() + RETRY_MS;
      throw thrown;
    }
  }

  // Calls at the same time wait for each other, and the later ones find what the first one has written. Two processes may each renew:
  // both tokens are valid.
  let last: Promise<unknown> = Promise.resolve();
  function inTurn(step: () => Promise<string>): Promise<string> {
    const mine = last.then(step, step);
    last = mine.catch(() => {});
    return mine;
  }

  return {
    current: (signal) =>
      inTurn(async () => {
        signal.throwIfAborted();
        const token = await read();
        if (token === undefined) return await renew(signal);
        const leftMs = (readClaims(token)?.expiresAtMs ?? Infinity) - clock.now();
        if (leftMs > leftToRenew(token)) return token;
        if (leftMs > 0 && clock.now() < nextTryMs) return token;
        try {
          return await renew(signal);
        } catch (thrown) {
          if (leftMs <= 0 || signal.aborted) throw thrown;
          return token;
        }
      }),
    after: (refused, signal) =>
      inTurn(async () => {
        signal.throwIfAborted();
        const now = await read();
        return now === undefined || now === refused ? await renew(signal) : now;
      }),
    remedy,
  };
}

function leftToRenew(token: string): number {
  const { expiresAtMs, issuedAtMs } = readClaims(token) ?? {};
  const lifeMs = expiresAtMs === undefined || issuedAtMs === undefined ? 0 : expiresAtMs - issuedAtMs;
  return Math.max(lifeMs * LEFT_PART, MIN_LEFT_MS);
}

/** Writes a token so that only the user can read it; readers see the old or the new one. */
export function writeToken(path: string, token: string, ids: Ids): void {
  const to = { root: dirname(path), path: [basename(path)] } as const;
  writeDestination(to, new TextEncoder().encode(`${token}\n`), { ids, exclusive: false, mode: 0o600 });
}

function loginHint(name: string): string {
  return `Log in again with ${shellCommand`gractl login ${name}`}; docs/configuration.md shows how.`;
}
