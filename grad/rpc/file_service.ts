import type { FileServiceServer } from "../../proto/gen/grad/v1/file.ts";
import type { Files } from "../files/files.ts";
import { checkRef } from "../runners/names.ts";
import { fromFileEntry } from "./convert_agent.ts";
import type { UnaryEdge } from "./unary.ts";

export function fileService(edge: UnaryEdge, files: Files): FileServiceServer {
  return {
    listFiles: edge.serve("ListFiles", async (context, { runner, ...request }) => {
      const { entries, truncated } = await files.list(context, checkRef(runner), request);
      return { entries: entries.map(fromFileEntry), truncated };
    }),
    readFile: edge.serve("ReadFile", (context, { runner, ...request }) => {
      return files.read(context, checkRef(runner), request);
    }),
    beginUpload: edge.serve("BeginUpload", (context, { runner, existingRunner: existing, ...request }) => {
      return files.beginUpload(context, checkRef(runner), request, { existing });
    }),
    writeUpload: edge.serve("WriteUpload", (context, { runner, ...request }) => {
      return files.writeUpload(context, checkRef(runner), request);
    }),
    finishUpload: edge.serve("FinishUpload", async (context, { runner, uploadId }) => {
      return { entry: fromFileEntry(await files.finishUpload(context, checkRef(runner), uploadId)) };
    }),
  };
}
