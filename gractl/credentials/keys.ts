/** What signs a request to S3. Never shown, logged or written; only the call to grad carries it. */
export type Keys = Readonly<{
  accessKeyId: string;
  secretAccessKey: string;
  /** Empty for long-lived keys. */
  sessionToken: string;
  /** Seconds from the epoch; 0 means not known to expire. */
  expiresAtSeconds: number;
}>;
