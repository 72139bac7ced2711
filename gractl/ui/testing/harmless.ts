/**
 * What may be on a terminal: no control character but line ends, tab and backspace, no mark of direction and nothing without a width
 * (emoji's joiner and shape apart), and whole control sequences of the kinds that may pass.
 */
export const HARMLESS =
  // deno-lint-ignore no-control-regex
  /^(?:[^\p{Cc}\p{Zl}\p{Zp}\u061c\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e0fff}]|[\n\r\t\b]|\x1b\[[0-9;:]*m|\x1b\[\d{0,5}[A-GK]|\x1b\[0*J)*$/u;
