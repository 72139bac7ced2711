import type { SessionServiceServer } from "../../proto/gen/grad/v1/session.ts";
import { checkRef } from "../runners/names.ts";
import { fromSession } from "./convert_agent.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { UnaryEdge } from "./unary.ts";

export function sessionService(edge: UnaryEdge, sessions: Sessions): SessionServiceServer {
  return {
    listSessions: edge.serve("ListSessions", async (context, { runner }) => {
      return { sessions: (await sessions.list(context, checkRef(runner))).map(fromSession) };
    }),
    getSession: edge.serve("GetSession", async (context, { runner, name }) => {
      return { session: fromSession(await sessions.get(context, checkRef(runner), name)) };
    }),
    resetSession: edge.serve("ResetSession", async (context, { runner, name, kernel }) => {
      return { session: fromSession(await sessions.reset(context, checkRef(runner), { name, kernel })) };
    }),
    deleteSession: edge.serve("DeleteSession", async (context, { runner, name, force }) => {
      await sessions.delete(context, checkRef(runner), { name, force });
      return {};
    }),
  };
}
