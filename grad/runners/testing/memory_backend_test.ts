import { backendContract } from "./backend_contract.ts";
import { machine, memoryBackend } from "./memory_backend.ts";
import { memoryStore } from "./memory_store.ts";

backendContract("memory", () => {
  const [on, store] = [machine(), memoryStore()];
  return Promise.resolve({
    grad: () => ({ store, backend: memoryBackend(on) }),
    crash: (id) => Promise.resolve(void on.up.delete(id)),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
});
