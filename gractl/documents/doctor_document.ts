import type { Finding } from "../doctor/check.ts";
import { printable } from "../ui/printable.ts";
import type { Style } from "../ui/style.ts";
import type { DocumentFields } from "./schema/documents.ts";

/** Fields of kind Doctor. */
export function doctorFields(findings: readonly Finding[]): DocumentFields<"Doctor"> {
  return {
    ok: findings.every(({ state }) => state !== "failed"),
    checks: findings.map(({ name, title, state, message, hint }) => ({
      name,
      title,
      ok: state !== "failed",
      state,
      message,
      hint: hint === "" ? null : hint,
    })),
  };
}

/** The same as text: a line for each finding, with its hint below it. */
export function doctorText(findings: readonly Finding[], style: Style): string {
  const width = Math.max(...findings.map(({ title }) => title.length));
  return findings.map((finding) => findingText(finding, width, style)).join("\n");
}

function findingText({ title, state, message, hint }: Finding, width: number, style: Style): string {
  const color = { ok: style.green, warning: style.yellow, failed: style.red }[state];
  const lines = message.split("\n").map(printable);
  const rest = lines.slice(1).map((line) => `\n         ${line}`).join("");
  const next = hint === "" ? "" : `\n         hint: ${printable(hint)}`;
  return `${color(state.padEnd(7))}  ${printable(title).padEnd(width)}  ${lines[0]}${rest}${next}`;
}
