import type { Section } from "./ini_file.ts";

export type Explanation = Readonly<{ why: string; hint: string }>;

/**
 * What a failure of the AWS SDK means, in words that are ours: its texts hold the command line of a credential_process and what it
 * printed, either of which may be a secret. Only what a service of AWS answered is quoted.
 */
export function explain(
  thrown: unknown,
  { profile, section }: { profile: string; section: Section },
): Explanation {
  const said = textOf(thrown);
  const service = serviceError(thrown);
  if (section["mfa_serial"] !== undefined && /multi-factor/.test(said)) {
    return {
      why: "its role wants a code of a second factor, which gractl does not ask for",
      hint: `Get keys by \`aws configure export-credentials --profile ${profile}\` into the environment.`,
    };
  }
  if (isSso(section)) return sso(said, { profile, service });
  if (section["credential_process"] !== undefined && section["role_arn"] === undefined) {
    return process(said, profile);
  }
  if (service !== undefined) {
    return {
      why: `AWS answered ${service}`,
      hint: `Try \`aws sts get-caller-identity --profile ${profile}\`.`,
    };
  }
  if (section["role_arn"] !== undefined) {
    return {
      why: "its role could not be assumed",
      hint:
        `See that \`source_profile\` or \`credential_source\` of the profile gives keys: \`aws sts get-caller-identity --profile ${profile}\`.`,
    };
  }
  return {
    why: "it has neither keys nor a way to them (SSO, credential_process, a role)",
    hint: `Run \`aws configure --profile ${profile}\` or \`aws configure sso --profile ${profile}\`.`,
  };
}

function isSso(section: Section): boolean {
  return section["sso_session"] !== undefined || section["sso_start_url"] !== undefined;
}

function sso(
  said: string,
  { profile, service }: { profile: string; service: string | undefined },
): Explanation {
  const login = `Log in: \`aws sso login --profile ${profile}\`.`;
  // The portal's own errors come wrapped, as text.
  if (/Unauthorized|Forbidden|ExpiredToken/.test(service ?? said)) {
    return { why: "its SSO login is no longer valid, or may not use the role", hint: login };
  }
  if (service !== undefined || /ResourceNotFoundException|InvalidRequestException/.test(said)) {
    return {
      why: "the SSO service refused it",
      hint: "Check sso_account_id and sso_role_name of the profile.",
    };
  }
  if (/expired/i.test(said)) return { why: "its SSO login has expired", hint: login };
  if (/not found|invalid|is missing|refresh/i.test(said)) {
    return { why: "there is no SSO login for it", hint: login };
  }
  return { why: "the SSO service does not answer", hint: `Check the network, or log in again: ${login}` };
}

function process(said: string, profile: string): Explanation {
  const hint =
    `Run the command behind \`credential_process\` of the profile "${profile}" by hand: it must print {"Version":1,"AccessKeyId":…}.`;
  if (/invalid JSON/.test(said)) return { why: "its credential_process printed no JSON", hint };
  if (/Version 1/.test(said)) return { why: 'its credential_process printed no "Version": 1', hint };
  if (/invalid credentials/.test(said)) return { why: "its credential_process printed no keys", hint };
  if (/expired credentials/.test(said)) {
    return { why: "its credential_process printed keys that have expired", hint };
  }
  return { why: "its credential_process failed", hint };
}

function textOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** "AccessDenied: User … is not authorized …" of an error that a service of AWS sent, at any depth. */
function serviceError(thrown: unknown, depth = 0): string | undefined {
  if (!(thrown instanceof Error) || depth > 4) return undefined;
  if ("$fault" in thrown && "$metadata" in thrown) return `${thrown.name}: ${thrown.message}`.slice(0, 400);
  return serviceError(thrown.cause, depth + 1);
}
