import { memoryStore } from "./memory_store.ts";
import { storeContract } from "./store_contract.ts";

storeContract("memory", () => {
  const store = memoryStore();
  return Promise.resolve({ stores: [store, store], [Symbol.asyncDispose]: () => Promise.resolve() });
});
