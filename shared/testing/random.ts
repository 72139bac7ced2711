/** Numbers in [0, 1) that depend on the seed alone (mulberry32), so that a failure can be repeated. */
export function random(seed: number): () => number {
  return () => {
    seed = (seed + 0x6D2B79F5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Whole numbers from 0 to below a bound, which depend on the seed alone. */
export function randomBelow(seed: number): (bound: number) => number {
  const next = random(seed);
  return (bound) => Math.floor(next() * bound);
}
