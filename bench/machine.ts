/** What the results of a measurement say about the machine that made them. */
export function thisMachine() {
  return {
    cores: navigator.hardwareConcurrency,
    memoryMib: Math.round(Deno.systemMemoryInfo().total / 2 ** 20),
    kernel: Deno.osRelease(),
    deno: Deno.version.deno,
  };
}
