import assert from "node:assert/strict";

/** Generous: a test that needs this long has stopped. */
const DEADLINE_MS = 120_000;

/** `line` is what TAB has made of the command line; `offered` are the lines that it has printed below, when several words fit. */
export type Completed = Readonly<{ line: string; offered: readonly string[] }>;

export type InteractiveBash = AsyncDisposable & {
  /** Types a command and Enter; waits for the next prompt. */
  run(command: string): Promise<void>;
  /** Types `line` and presses TAB. The line is cleared afterwards, never run. */
  tab(line: string): Promise<Completed>;
};

/**
 * An interactive bash on a real terminal (`script` makes the pty), without start-up files: readline cuts a line into words and
 * replaces them as it does for a person.
 */
export async function interactiveBash(
  options: { cwd: string; env: Readonly<Record<string, string>> },
): Promise<InteractiveBash> {
  const child = new Deno.Command("script", {
    args: ["--quiet", "--return", "--flush", "--command", "bash --norc --noprofile -i", "/dev/null"],
    cwd: options.cwd,
    env: { ...options.env, TERM: "dumb", SHELL: "/bin/sh", LC_ALL: "C.UTF-8", HISTFILE: "/dev/null" },
    clearEnv: true,
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
    signal: AbortSignal.timeout(DEADLINE_MS),
  }).spawn();
  const keys = child.stdin.getWriter();
  const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";

  /** Reads until bash has printed `pattern`; answers with its match. */
  async function read(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(text);
      if (found !== null) {
        text = text.slice(found.index + found[0].length);
        return found;
      }
      const { value, done } = await output.read();
      assert.ok(!done, `bash ended before it printed ${pattern}; it printed:\n${text}`);
      text += value;
    }
  }
  const type = (line: string) => keys.write(new TextEncoder().encode(line));

  const bash: InteractiveBash = {
    async run(command) {
      // The sum is what bash has printed, never the echo of what was typed.
      await type(`${command}\necho ended $((40 + 2))\n`);
      await read(/ended 42[^]*?ready> /);
    },
    async tab(line) {
      // Ctrl-T, bound below, prints the line; Ctrl-U clears it. readline handles keys in order, so nothing has to wait for TAB.
      await type(`${line}\t\x14\x15\x14`);
      const [, printed = "", completed = ""] = await read(/([^]*?)LINE<([^\n\r]*)>/);
      await read(/LINE<>[^]*?ready> /);
      const [_echo, ...offered] = printed.split("\n").map((each) => each.trim());
      return {
        line: completed,
        offered: offered.filter((each) => each !== "" && !each.startsWith("ready>")),
      };
    },
    async [Symbol.asyncDispose]() {
      await type("exit\n");
      await keys.close();
      while (!(await output.read()).done);
      await child.status;
    },
  };
  await bash.run(
    `bind 'set bell-style none'; bind 'set completion-query-items 0'; bind 'set page-completions off'; bind 'set show-all-if-ambiguous on'
R=ready; PS1='$R> '`,
  );
  await bash.run(`bind -x '"\\C-t": printf "\\nLINE<%s>\\n" "$READLINE_LINE"'`);
  return bash;
}
