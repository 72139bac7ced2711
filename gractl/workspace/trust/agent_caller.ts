/** Variables that agents set for the commands that they run, with the names of the agents. */
const AGENTS: readonly (readonly [variable: string, name: string])[] = [
  ["GRACTL_AGENT", "an agent"],
  ["GEMINI_CLI", "Gemini CLI"],
  ["CLAUDECODE", "Claude Code"],
];

/**
 * The agent that has called gractl; `undefined` for a person or a script. An agent acts on what it reads, also on what a clone tells it,
 * so it must not decide what a clone gets.
 */
export function agentCaller(env: Readonly<Record<string, string>>): string | undefined {
  return AGENTS.find(([variable]) => !["", "0", "false"].includes(env[variable] ?? ""))?.[1];
}
