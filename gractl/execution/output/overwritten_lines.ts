import { concat, cutEnd } from "./bounded_bytes.ts";

/** Lines that are waited with at most, because code may go back to them. */
const MAX_ROWS = 16;
/** Of one line that code goes back in; what is longer is not kept. */
const MAX_LINE_CHARACTERS = 64 * 1_024;

/** A line end, a carriage return, a control sequence, text. */
// deno-lint-ignore no-control-regex
const TOKENS = /\r?\n|\r|\x1b\[([0-9;?]*)([A-Za-z])|[^\r\n\x1b]+|\x1b/g;
/** What may be the beginning of one of them, whose rest comes later. */
// deno-lint-ignore no-control-regex
const UNFINISHED = /(?:\r|\x1b(?:\[[0-9;?]{0,32})?)$/;
// deno-lint-ignore no-control-regex
const SEQUENCES = /\x1b\[[0-9;?]*[A-Za-z]/g;

const encoder = new TextEncoder();

/** A line as it was written; once code has gone back in it, `cells` are its characters, and `at` is where the next one goes. */
type Row = { text: string; end: string; cells: string[] | undefined; at: number };

const newRow = (): Row => ({ text: "", end: "", cells: undefined, at: 0 });

/**
 * What a terminal would show in the end of lines that code writes several times, as progress bars do: only the last state of each. Other
 * lines pass as they are, whole lines at a time; and what is no text (not UTF-8, or with NUL) passes unchanged. Memory is bounded.
 */
export class OverwrittenLines {
  /** What came is no text: all passes. */
  #isBinary = false;
  /** The beginning of a character. */
  #cut: Uint8Array = new Uint8Array();
  #unfinished = "";
  #rows: Row[] = [newRow()];
  #row = 0;
  #goesUp = false;

  /** What can be written now. */
  write(bytes: Uint8Array): Uint8Array {
    if (this.#isBinary) return bytes;
    const all = this.#cut.length === 0 ? bytes : concat(this.#cut, bytes);
    const whole = cutEnd(all);
    let text: string;
    try {
      text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(whole);
      if (text.includes("\0")) throw new TypeError("not text");
    } catch {
      this.#cut = new Uint8Array();
      const before = this.end();
      this.#isBinary = true;
      return concat(before, all);
    }
    this.#cut = all.slice(whole.length);
    text = this.#unfinished + text;
    this.#unfinished = UNFINISHED.exec(text)?.[0] ?? "";
    return encoder.encode(this.#add(text.slice(0, text.length - this.#unfinished.length)));
  }

  /** The rest: nothing more comes, or something else is to be written. */
  end(): Uint8Array {
    const done = this.#add(this.#unfinished);
    const rest = this.#rows.map(textOf).join("");
    const cut = this.#cut;
    this.clear();
    return concat(encoder.encode(done + rest), cut);
  }

  /** Forgets what has not been written. */
  clear(): void {
    this.#cut = new Uint8Array();
    this.#unfinished = "";
    this.#rows = [newRow()];
    this.#row = 0;
    this.#goesUp = false;
  }

  #add(text: string): string {
    let done = "";
    for (const [token, parameters, final] of text.matchAll(TOKENS)) {
      const row = this.#rows[this.#row]!;
      if (token.endsWith("\n")) done += this.#endLine(row, token);
      else if (token === "\r") overwrite(row).at = 0;
      else if (final === "A" || final === "B") this.#moveBy(final === "A" ? -1 : 1, Number(parameters) || 1);
      else if (row.cells === undefined) done += this.#append(row, token);
      else if (final === "K") eraseIn(row, parameters ?? "");
      else if (final === undefined) put(row, token);
    }
    return done;
  }

  /** Long lines are not waited for: code does not go back in them. */
  #append(row: Row, token: string): string {
    row.text += token;
    if (row.text.length <= MAX_LINE_CHARACTERS || this.#rows.length > 1) return "";
    const { text } = row;
    row.text = "";
    return text;
  }

  #endLine(row: Row, end: string): string {
    row.end = row.cells === undefined ? end : "\n";
    this.#row++;
    if (this.#row === this.#rows.length) this.#rows.push(newRow());
    // Another bar may follow, and go back to this one.
    const waits = this.#goesUp || row.cells !== undefined;
    const done = this.#rows.splice(0, waits ? Math.max(0, this.#rows.length - MAX_ROWS) : this.#row);
    this.#row = Math.max(0, this.#row - done.length);
    return done.map(textOf).join("");
  }

  #moveBy(direction: 1 | -1, lines: number): void {
    const { at } = overwrite(this.#rows[this.#row]!);
    this.#goesUp ||= direction < 0;
    this.#row = Math.min(this.#rows.length - 1, Math.max(0, this.#row + direction * lines));
    overwrite(this.#rows[this.#row]!).at = at;
  }
}

/** The row as characters, without colours: where code goes back, they would be in the wrong places. */
function overwrite(row: Row): Row {
  if (row.cells === undefined) {
    row.cells = [...row.text.replaceAll(SEQUENCES, "")].slice(0, MAX_LINE_CHARACTERS);
    row.at = row.cells.length;
  }
  return row;
}

function put(row: Row, text: string): void {
  const cells = row.cells!;
  for (const character of text) {
    if (row.at >= MAX_LINE_CHARACTERS) return;
    while (cells.length < row.at) cells.push(" ");
    cells[row.at++] = character;
  }
}

function eraseIn(row: Row, parameters: string): void {
  if (parameters === "2") row.cells!.fill(" ");
  else if (parameters === "" || parameters === "0") row.cells!.length = Math.min(row.cells!.length, row.at);
}

function textOf({ text, cells, end }: Row): string {
  return (cells === undefined ? text : cells.join("").trimEnd()) + end;
}
