/** For whom the tokens of grad's callers are made: grad refuses tokens for another service, as those for the Kubernetes API. */
export const TOKEN_AUDIENCE = "grad";
