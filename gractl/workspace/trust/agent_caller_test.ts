import assert from "node:assert/strict";
import { agentCaller } from "./agent_caller.ts";

Deno.test("agentCaller() recognises agents by their variables", () => {
  assert.equal(agentCaller({ GEMINI_CLI: "1" }), "Gemini CLI");
  assert.equal(agentCaller({ CLAUDECODE: "1" }), "Claude Code");
  assert.equal(agentCaller({ GRACTL_AGENT: "mcp" }), "an agent");
  for (const env of [{}, { GEMINI_CLI: "" }, { GRACTL_AGENT: "0" }, { CLAUDECODE: "false" }]) {
    assert.equal(agentCaller(env), undefined);
  }
});
