import assert from "node:assert/strict";
import { createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { DESCRIPTORS } from "../../proto/gen/descriptors.ts";
import { reflect } from "./reflection_service.ts";

const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, Uint8Array.fromBase64(DESCRIPTORS)));
const services = new Set(["grad.v1.RunnerService", "grad.v1.ExecutionService"]);

type Asked = Parameters<typeof reflect>[2]["messageRequest"];
const ask = (messageRequest: Asked) => reflect(registry, services, { host: "", messageRequest });

Deno.test("reflect() lists the services", () => {
  const answer = ask({ $case: "listServices", value: "*" });
  const service = [{ name: "grad.v1.ExecutionService" }, { name: "grad.v1.RunnerService" }];
  assert.deepEqual(answer, { $case: "listServicesResponse", value: { service } });
});

for (
  const [asked, first] of [
    [{ $case: "fileContainingSymbol", value: "grad.v1.ExecutionService" }, "grad/v1/execution.proto"],
    [{ $case: "fileContainingSymbol", value: "grad.v1.ExecutionService.Execute" }, "grad/v1/execution.proto"],
    [{ $case: "fileContainingSymbol", value: "grad.v1.FileEntry.Type" }, "grad/v1/file.proto"],
    [{ $case: "fileByFilename", value: "grad/v1/system.proto" }, "grad/v1/system.proto"],
  ] as const
) {
  Deno.test(`reflect() answers ${asked.value} with its file and all that it imports`, () => {
    const answer = ask(asked);
    assert.ok(answer.$case === "fileDescriptorResponse");
    const files = answer.value.fileDescriptorProto.map((bytes) =>
      fromBinary(FileDescriptorProtoSchema, bytes)
    );
    assert.equal(files[0]?.name, first);
    const names = new Set(files.map(({ name }) => name));
    for (const { dependency } of files) for (const name of dependency) assert.ok(names.has(name), name);
  });
}

for (
  const asked of [
    { $case: "fileContainingSymbol", value: "grad.v1.Nothing" },
    { $case: "fileByFilename", value: "../secret" },
    { $case: "allExtensionNumbersOfType", value: "x" },
    undefined,
  ] as const
) {
  Deno.test(`reflect() has no answer to ${JSON.stringify(asked)}`, () => {
    assert.equal(ask(asked).$case, "errorResponse");
  });
}
