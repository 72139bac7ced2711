import { shellCommand } from "../../../shared/shell_quote.ts";
import { messageOf } from "../../../shared/errors.ts";
import type { Section } from "./ini_file.ts";

export type Explanation = Readonly<{ why: string; hint: string }>;

/**
 * Explains a failure of the AWS SDK without quoting its message, which may contain the command line and the output of a
 * credential_process, and so a secret. Only error responses of AWS services are quoted.
 */
export function explain(
  thrown: unknown,
  { profile, section }: { profile: string; section: Section },
): Explanation {
  const message = messageOf(thrown);
  const service = serviceError(thrown);
  if (section["mfa_serial"] !== undefined && /multi-factor/.test(message)) {
    return {
      why: "its role needs a multi-factor code, and gractl cannot ask for one",
      hint:
        `Export keys with ${shellCommand`aws configure export-credentials --profile ${profile} --format env`}.`,
    };
  }
  if (isSso(section)) return explainSso(message, { profile, service });
  if (section["credential_process"] !== undefined && section["role_arn"] === undefined) {
    return explainProcess(message, profile);
  }
  if (service !== undefined) {
    return {
      why: `AWS answered ${service}`,
      hint: `Run ${shellCommand`aws sts get-caller-identity --profile ${profile}`} to test the profile.`,
    };
  }
  if (section["role_arn"] !== undefined) {
    return {
      why: "its role cannot be assumed",
      hint:
        `Check \`source_profile\` or \`credential_source\` of the profile with ${shellCommand`aws sts get-caller-identity --profile ${profile}`}.`,
    };
  }
  return {
    why: "it has neither keys nor SSO, credential_process or a role",
    hint:
      `Run ${shellCommand`aws configure --profile ${profile}`} or ${shellCommand`aws configure sso --profile ${profile}`}.`,
  };
}

function isSso(section: Section): boolean {
  return section["sso_session"] !== undefined || section["sso_start_url"] !== undefined;
}

function explainSso(
  message: string,
  { profile, service }: { profile: string; service: string | undefined },
): Explanation {
  const login = `Log in: ${shellCommand`aws sso login --profile ${profile}`}.`;
  // The SDK wraps errors of the SSO portal as text.
  if (/Unauthorized|Forbidden|ExpiredToken/.test(service ?? message)) {
    return { why: "its SSO login is no longer valid or has no access to the role", hint: login };
  }
  if (service !== undefined || /ResourceNotFoundException|InvalidRequestException/.test(message)) {
    return {
      why: "the SSO service refused the request",
      hint: "Check sso_account_id and sso_role_name of the profile.",
    };
  }
  if (/expired/i.test(message)) return { why: "its SSO login has expired", hint: login };
  if (/not found|invalid|is missing|refresh/i.test(message)) {
    return { why: "there is no SSO login for it", hint: login };
  }
  return { why: "the SSO service does not answer", hint: `Check the network. ${login}` };
}

function explainProcess(message: string, profile: string): Explanation {
  const hint =
    `Run the \`credential_process\` of the profile "${profile}" in a shell: it must print {"Version":1,"AccessKeyId":…}.`;
  if (/invalid JSON/.test(message)) return { why: "its credential_process printed no JSON", hint };
  if (/Version 1/.test(message)) return { why: 'its credential_process printed no "Version": 1', hint };
  if (/invalid credentials/.test(message)) return { why: "its credential_process printed no keys", hint };
  if (/expired credentials/.test(message)) {
    return { why: "its credential_process printed keys that have expired", hint };
  }
  return { why: "its credential_process failed", hint };
}

/** The error response of an AWS service ("AccessDenied: User … is not authorized …") in an error or its causes. */
function serviceError(thrown: unknown, depth = 0): string | undefined {
  if (!(thrown instanceof Error) || depth > 4) return undefined;
  if ("$fault" in thrown && "$metadata" in thrown) return `${thrown.name}: ${thrown.message}`.slice(0, 400);
  return serviceError(thrown.cause, depth + 1);
}
