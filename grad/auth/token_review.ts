import { ApiException, AuthenticationV1Api, type KubeConfig } from "@kubernetes/client-node";
import { GradError } from "../../shared/errors.ts";
import { TOKEN_AUDIENCE } from "../../shared/token_audience.ts";
import type { VerifyToken } from "./bearer_tokens.ts";
import { ownerOf } from "./owner.ts";

export { TOKEN_AUDIENCE as AUDIENCE };

/**
 * Verifies tokens by Kubernetes' TokenReview: those of service accounts, and of any identity provider that the cluster trusts.
 * @param admins groups whose members are admins
 */
export function tokenReview(config: KubeConfig, admins: readonly string[]): VerifyToken {
  const api = config.makeApiClient(AuthenticationV1Api);
  return async (token, signal) => {
    signal.throwIfAborted();
    const body = { spec: { token, audiences: [TOKEN_AUDIENCE] } };
    // The error is not handed on: client-node puts the request, and so the token, into it.
    const { status } = await api.createTokenReview({ body }).catch((thrown) =>
      Promise.reject(unavailable(thrown))
    );
    const username = status?.user?.username;
    // A cluster that does not know audiences answers without them: then the token is one for its API.
    if (!status?.authenticated || !status.audiences?.includes(TOKEN_AUDIENCE) || !username) return undefined;
    const groups = status.user?.groups ?? [];
    return { owner: ownerOf(username), isAdmin: groups.some((group) => admins.includes(group)) };
  };
}

function unavailable(thrown: unknown): GradError {
  const why = thrown instanceof ApiException ? `it answers ${thrown.code}` : "the connection failed";
  return new GradError("grad_unavailable", `Cannot verify a token by the Kubernetes API: ${why}`, {
    hint: "Call again.",
  });
}
