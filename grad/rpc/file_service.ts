import type { FileServiceServer } from "../../proto/gen/grad/v1/file.ts";
import type { Files } from "../files/files.ts";
import { checkRef } from "../runners/names.ts";
import type { UnaryEdge } from "./unary.ts";

export function fileService(edge: UnaryEdge, files: Files): FileServiceServer {
  return {
    listFiles: edge.serve("ListFiles", ({ runner, ...request }, { owner, signal }) => {
      return files.list(owner, checkRef(runner), request, signal);
    }),
    readFile: edge.serve("ReadFile", ({ runner, ...request }, { owner, signal }) => {
      return files.read(owner, checkRef(runner), request, signal);
    }),
    beginUpload: edge.serve("BeginUpload", ({ runner, ...request }, { owner, signal }) => {
      return files.beginUpload(owner, checkRef(runner), request, signal);
    }),
    writeUpload: edge.serve("WriteUpload", ({ runner, ...request }, { owner, signal }) => {
      return files.writeUpload(owner, checkRef(runner), request, signal);
    }),
    finishUpload: edge.serve("FinishUpload", async ({ runner, uploadId }, { owner, signal }) => {
      return { entry: await files.finishUpload(owner, checkRef(runner), uploadId, signal) };
    }),
  };
}
