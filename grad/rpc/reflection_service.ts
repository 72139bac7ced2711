import { createFileRegistry, type DescFile, fromBinary, type Registry, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { status } from "@grpc/grpc-js";
import { DESCRIPTORS } from "../../proto/gen/descriptors.ts";
import type {
  ServerReflectionRequest,
  ServerReflectionResponse,
  ServerReflectionServer,
} from "../../proto/gen/grpc/reflection/v1/reflection.ts";

type Answer = NonNullable<ServerReflectionResponse["messageResponse"]>;
type FileRegistry = ReturnType<typeof createFileRegistry>;

/** The standard reflection protocol, so that grpcurl and its like can call us without our proto files. */
export function reflectionService(services: ReadonlySet<string>): ServerReflectionServer {
  // Decoded on first use, because few clients use it.
  let registry: FileRegistry | undefined;
  return {
    serverReflectionInfo(call) {
      call.on("data", (request: ServerReflectionRequest) => {
        registry ??= createFileRegistry(
          fromBinary(FileDescriptorSetSchema, Uint8Array.fromBase64(DESCRIPTORS)),
        );
        const messageResponse = reflect(registry, services, request);
        call.write({ validHost: request.host, originalRequest: request, messageResponse });
      });
      call.on("end", () => call.end());
    },
  };
}

/** The answer to one request. Pure. */
export function reflect(
  registry: FileRegistry,
  services: ReadonlySet<string>,
  { messageRequest: asked }: ServerReflectionRequest,
): Answer {
  switch (asked?.$case) {
    case "listServices":
      return {
        $case: "listServicesResponse",
        value: { service: [...services].sort().map((name) => ({ name })) },
      };
    case "fileByFilename":
      return describe(registry.getFile(asked.value), asked.value);
    case "fileContainingSymbol":
      return describe(fileOf(registry, asked.value), asked.value);
    case "fileContainingExtension":
    case "allExtensionNumbersOfType":
      return failure(status.NOT_FOUND, "grad's API has no extensions");
    default:
      return failure(status.UNIMPLEMENTED, "unknown kind of request");
  }
}

/** The file that defines a message, enum or service, or the service of a method. */
function fileOf(registry: Registry, symbol: string): DescFile | undefined {
  const found = registry.get(symbol) ?? registry.get(symbol.slice(0, symbol.lastIndexOf(".")));
  return found?.kind === "extension" ? undefined : found?.file;
}

function describe(file: DescFile | undefined, asked: string): Answer {
  if (file === undefined) return failure(status.NOT_FOUND, `not found: ${asked.slice(0, 200)}`);
  const files = new Set<DescFile>();
  const add = (one: DescFile) => {
    if (files.has(one)) return;
    files.add(one);
    one.dependencies.forEach(add);
  };
  add(file);
  const fileDescriptorProto = [...files].map(({ proto }) => toBinary(FileDescriptorProtoSchema, proto));
  return { $case: "fileDescriptorResponse", value: { fileDescriptorProto } };
}

function failure(errorCode: number, errorMessage: string): Answer {
  return { $case: "errorResponse", value: { errorCode, errorMessage } };
}
