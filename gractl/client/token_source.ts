/** The tokens that identify the user to one grad of the network. They are sent to no other. */
export interface TokenSource {
  /**
   * The token for a call; one that is about to expire is renewed first, where that is possible.
   * @throws {GradError} `unauthenticated` where there is none, `permission_denied` where others can read it, `login_failed`
   */
  current(signal: AbortSignal): Promise<string>;
  /**
   * Another token, after grad has refused this one; `undefined` where there is no other.
   * @throws {GradError} as `current`
   */
  after(refused: string, signal: AbortSignal): Promise<string | undefined>;
  /** What the user can do about a token that grad refuses. A sentence. */
  readonly remedy: string;
}
