import type { SessionServiceServer } from "../../proto/gen/grad/v1/session.ts";
import { checkRef } from "../runners/names.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { UnaryEdge } from "./unary.ts";

export function sessionService(edge: UnaryEdge, sessions: Sessions): SessionServiceServer {
  return {
    listSessions: edge.serve("ListSessions", async ({ runner }, { owner, signal }) => {
      return { sessions: await sessions.list(owner, checkRef(runner), signal) };
    }),
    getSession: edge.serve("GetSession", async ({ runner, name }, { owner, signal }) => {
      return { session: await sessions.get(owner, checkRef(runner), name, signal) };
    }),
    resetSession: edge.serve("ResetSession", async ({ runner, name, kernel }, { owner, signal }) => {
      return { session: await sessions.reset(owner, checkRef(runner), { name, kernel }, signal) };
    }),
  };
}
