import { fromIni } from "@aws-sdk/credential-provider-ini";
import { GradError } from "../../../shared/errors.ts";
import type { AwsFiles, Env } from "./aws_files.ts";
import type { Section } from "./ini_file.ts";
import type { Keys } from "./keys.ts";
import { explain } from "./sdk_failure.ts";

/** Timeouts of calls to AWS services. A credential_process has none: it may wait for a person. */
const CONNECT_MS = 5_000;
const REQUEST_MS = 20_000;

/**
 * Keys from the AWS SDK: SSO, credential_process, assumed roles, web identity. For the SSO cache the SDK reads HOME from the process
 * environment; everything else is passed to it.
 *
 * @throws {GradError} `credentials_failed`, without the SDK's error as its cause: that may quote secrets
 */
export async function sdkKeys(
  { dataset, profile }: { dataset: string; profile: string },
  from: { files: AwsFiles; profiles: ReadonlyMap<string, Section>; env: Env },
): Promise<Keys> {
  const { files, profiles, env } = from;
  const network = {
    requestHandler: { connectionTimeout: CONNECT_MS, requestTimeout: REQUEST_MS },
    maxAttempts: 2,
  };
  const region = env["AWS_REGION"] || env["AWS_DEFAULT_REGION"] || "us-east-1";
  try {
    const found = await fromIni({
      profile,
      filepath: files.credentials,
      configFilepath: files.config,
      ignoreCache: true,
      clientConfig: network,
      parentClientConfig: { ...network, region },
    })();
    return {
      accessKeyId: found.accessKeyId,
      secretAccessKey: found.secretAccessKey,
      sessionToken: found.sessionToken ?? "",
      expiresAtSeconds: found.expiration === undefined ? 0 : Math.floor(found.expiration.getTime() / 1_000),
    };
  } catch (thrown) {
    const { why, hint } = explain(thrown, { profile, section: profiles.get(profile) ?? {} });
    throw new GradError(
      "credentials_failed",
      `Cannot get the keys of dataset "${dataset}" from the AWS profile "${profile}": ${why}`,
      { hint },
    );
  }
}
