import { escapeActing } from "./printable.ts";

/**
 * The lines of a terminal that the code of one execution has printed: it may move the cursor within them, not above. Lines that wrap
 * count as one, so that a movement is rather refused than let out of them.
 */
export class CodeLines {
  /** Line of the cursor, from the first line that belongs to the code. */
  #row = 0;
  #last = 0;

  /** Of the cursor, from the first line that belongs to the code. */
  get row(): number {
    return this.#row;
  }
  /** Something else was printed: what is above is no longer the code's. */
  restart(): void {
    this.#row = this.#last = 0;
  }
  newLine(): void {
    this.#row++;
    this.#last = Math.max(this.#last, this.#row);
  }
  /** Moves the cursor, down for positive `lines`. Returns false, and moves nothing, where that leads out of the code's lines. */
  move(lines: number): boolean {
    const row = this.#row + lines;
    if (row < 0 || row > this.#last) return false;
    this.#row = row;
    return true;
  }
}

/** A whole sequence of the kinds that may pass: parameters, then what to do. */
// deno-lint-ignore no-control-regex
const SEQUENCE = /^\x1b\[([0-9;:]*)([A-Za-z])/;
/** Hiding and showing the cursor, as progress bars do: has no effect, and is not shown either. */
// deno-lint-ignore no-control-regex
const CURSOR_VISIBILITY = /^\x1b\[\?25[hl]/;
/** The beginning of a sequence, whose rest may come with the next bytes. Longer ones do not pass. */
// deno-lint-ignore no-control-regex
const UNFINISHED = /^\x1b(?:\[[0-9;:?]{0,48})?$/;
/** A joiner of emoji whose second part may come with the next bytes. */
const OPEN_JOINER = "\u200d";

const MAX_MOVED_LINES = 10_000;

/**
 * Makes what code prints harmless for a terminal. Text, line ends, CR, tab and backspace pass, and of control sequences: colours and
 * emphasis (SGR, without hidden text), movements of the cursor along its line and within the lines that the code has printed, and
 * erasing of a line or of what follows. Everything else is shown as escapes: titles, the clipboard (OSC), DCS, modes, questions to the
 * terminal, C1 controls, marks of direction and characters without a width.
 *
 * A sequence or a character may be cut between two writes; an unfinished one is bounded.
 */
export class TerminalFilter {
  readonly #decoder = new TextDecoder();
  readonly #lines: CodeLines;
  #unfinished = "";
  /** The end of the text that was written, for characters that belong to the one before. */
  #before = "";
  #styled = false;

  constructor(lines: CodeLines) {
    this.#lines = lines;
  }

  /** What may be written to the terminal of these bytes and of earlier unfinished ones. */
  write(bytes: Uint8Array): string {
    return this.#filter(this.#decoder.decode(bytes, { stream: true }), false);
  }

  /** What is left at the end of the stream: unfinished sequences as escapes. */
  end(): string {
    return this.#filter(this.#decoder.decode(), true);
  }

  /** The sequence that ends colours and emphasis which the code has left on, so that they do not reach other text. */
  endStyle(): string {
    const reset = this.#styled ? "\x1b[0m" : "";
    this.#styled = false;
    return reset;
  }

  #filter(more: string, isEnd: boolean): string {
    const text = this.#unfinished + more;
    this.#unfinished = "";
    let shown = "";
    for (let at = 0; at < text.length;) {
      const escape = text.indexOf("\x1b", at);
      if (escape !== at) {
        const end = escape < 0 ? text.length : escape;
        shown += this.#plain(text.slice(at, end), isEnd || escape >= 0);
        at = end;
        continue;
      }
      const rest = text.slice(at, at + 64);
      if (!isEnd && at + rest.length === text.length && UNFINISHED.test(rest)) {
        this.#unfinished += rest;
        break;
      }
      const [length, passed] = this.#sequence(rest);
      shown += passed;
      at += length;
    }
    return shown;
  }

  #plain(text: string, isEnd: boolean): string {
    if (!isEnd && text.endsWith(OPEN_JOINER)) {
      this.#unfinished = OPEN_JOINER;
      text = text.slice(0, -1);
    }
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) this.#lines.newLine();
    const shown = escapeActing(text, "\n\r\t\b", this.#before);
    this.#before = (this.#before + text).slice(-2);
    return shown;
  }

  /** What is at an ESC: how much of the text it is, and what of it is written. */
  #sequence(text: string): [length: number, passed: string] {
    const [hidden] = CURSOR_VISIBILITY.exec(text) ?? [];
    if (hidden !== undefined) return [hidden.length, ""];
    const [sequence, parameters = "", final = ""] = SEQUENCE.exec(text) ?? [];
    if (sequence !== undefined && this.#mayPass(parameters, final)) return [sequence.length, sequence];
    // Without its ESC the rest is text.
    return [1, "\\x1b"];
  }

  #mayPass(parameters: string, final: string): boolean {
    if (final === "m") {
      if (hidesText(parameters)) return false;
      this.#styled = true;
      return true;
    }
    if (!/^\d{0,5}$/.test(parameters)) return false;
    const count = Math.max(1, Number(parameters));
    switch (final) {
      case "C":
      case "D":
      case "G":
        return true;
      case "K":
        return Number(parameters) <= 2;
      case "J":
        return Number(parameters) === 0;
      case "A":
      case "F":
        return count <= MAX_MOVED_LINES && this.#lines.move(-count);
      case "B":
      case "E":
        return count <= MAX_MOVED_LINES && this.#lines.move(count);
      default:
        return false;
    }
  }
}

/** Whether the parameters of SGR switch to hidden text (8). In colours, 8 is one of their numbers: 38;5;8 and 38;2;8;8;8. */
function hidesText(parameters: string): boolean {
  const all = parameters.split(";");
  for (let at = 0; at < all.length; at++) {
    const [number, ...subparameters] = all[at]!.split(":").map(Number);
    if (number === 8) return true;
    if (subparameters.length > 0 || ![38, 48, 58].includes(number!)) continue;
    const numbersOfColour = { 2: 4, 5: 2 }[Number(all[at + 1])];
    // Terminals differ in how they go on after a kind of colour that they do not know.
    if (numbersOfColour === undefined) return true;
    at += numbersOfColour;
  }
  return false;
}

/** Colours and emphasis of gractl's own text, as styleText of node:util writes them. */
// deno-lint-ignore no-control-regex
const OWN_STYLE = /(\x1b\[\d{1,2}m)/;

/** Text of gractl, with names and messages of others in it: colours, line ends and tabs pass, all else is shown as escapes. */
export function onlyStyle(text: string): string {
  return text.split(OWN_STYLE).map((part, at) => {
    const isStyle = at % 2 === 1 && part !== "\x1b[8m";
    return isStyle ? part : escapeActing(part, "\n\t");
  }).join("");
}
