import { GradError } from "../../shared/errors.ts";
import {
  DEFAULT_BATCH_BYTES,
  IDEMPOTENCY_KEY,
  KERNEL_NAME,
  MAX_BATCH_BYTES,
  MAX_CODE_BYTES,
  MAX_CODE_NAME_CHARS,
  MAX_COLUMNS,
  MAX_PARAMS_BYTES,
  MAX_WAIT_MS,
} from "../../shared/limits.ts";
import { checkName } from "../../shared/names.ts";
import type { CodeRequest } from "../agent/agent.ts";
import { checkProcess } from "./check_process.ts";

/** The request with defaults filled in and bounds applied. @throws {GradError} `invalid_*` before anything is started */
export function checkCodeRequest(request: CodeRequest): CodeRequest {
  const session = checkName("session", request.session || "default");
  if (!IDEMPOTENCY_KEY.test(request.idempotencyKey)) {
    throw new GradError(
      "invalid_argument",
      "Cannot use the idempotency key: it has 16 to 64 of A-Z, a-z, 0-9, _ and -",
    );
  }
  if (request.kernel !== "" && !KERNEL_NAME.test(request.kernel)) {
    throw new GradError(
      "invalid_argument",
      "Cannot use the kernel's name: it has up to 100 of A-Z, a-z, 0-9, ., _ and -",
    );
  }
  checkCode(request.code);
  checkParams(request.paramsJson);
  if (request.process !== undefined) checkProcess(request.process);
  const columns = Math.min(request.columns, MAX_COLUMNS);
  const codeName = request.codeName.length > MAX_CODE_NAME_CHARS ? "" : request.codeName;
  return { ...request, session, codeName, columns, ...checkBounds(request) };
}

/** Bounds of an answer with events, as promised in grad.v1. */
export function checkBounds(
  asked: { waitMs: number; maxBytes: number },
): { waitMs: number; maxBytes: number } {
  return {
    waitMs: Math.min(asked.waitMs, MAX_WAIT_MS),
    maxBytes: Math.min(asked.maxBytes || DEFAULT_BATCH_BYTES, MAX_BATCH_BYTES),
  };
}

function checkCode(code: string): void {
  const hint = "Send text; put large data in a file with `gractl file put`.";
  if (code === "") throw new GradError("invalid_code", "Cannot execute the code: it is empty", { hint });
  if (code.includes("\0")) {
    throw new GradError("invalid_code", "Cannot execute the code: it has a NUL byte", { hint });
  }
  // A UTF-16 unit is at most 3 bytes: short code needs no count.
  if (code.length * 3 <= MAX_CODE_BYTES) return;
  const bytes = new TextEncoder().encode(code).length;
  if (bytes > MAX_CODE_BYTES) {
    throw new GradError(
      "invalid_code",
      `Cannot execute the code: it has ${bytes} bytes, ${MAX_CODE_BYTES} are allowed`,
      { hint },
    );
  }
}

function checkParams(json: string): void {
  if (json === "") return;
  const bytes = new TextEncoder().encode(json).length;
  if (bytes > MAX_PARAMS_BYTES) {
    throw new GradError(
      "invalid_argument",
      `Cannot use the parameters: they have ${bytes} bytes, ${MAX_PARAMS_BYTES} are allowed`,
      { hint: "Put large data in a file with `gractl file put`." },
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    value = undefined;
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return;
  throw new GradError("invalid_argument", "Cannot use the parameters: they are not one JSON object");
}
