/** What the interpreter and the libraries of a runner's kernels need at least. */
const BASE_MIB = 128;
const LEAST_MIB = 16;

/**
 * The size of each of the two folders in memory that code has, /tmp and /dev/shm: a quarter of what is left beside the interpreter,
 * so that kernels can be started, and files deleted, also while both are full.
 */
export function tmpfsBytes(memoryMib: number): number {
  return Math.max(LEAST_MIB, Math.floor((memoryMib - BASE_MIB) / 4)) * 2 ** 20;
}
