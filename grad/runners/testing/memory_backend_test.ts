import { backendContract } from "./backend_contract.ts";
import { machine, memoryBackend } from "./memory_backend.ts";
import { memoryRecords } from "./memory_records.ts";

backendContract("memory", () => {
  const [on, records] = [machine(), memoryRecords()];
  return Promise.resolve({
    grad: () => ({ records, backend: memoryBackend(on) }),
    crash: (id) => Promise.resolve(void on.up.delete(id)),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
});
