/** Kubernetes' quantities, as far as environments need them. */

const MEMORY_UNITS: Readonly<Record<string, number>> = {
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

const MIB = 2 ** 20;

/** Thousandths of a core of "2", "0.5" or "500m"; `undefined` for what is no positive quantity. */
export function cpuMillis(text: string): number | undefined {
  const [, count, milli] = /^(\d+(?:\.\d{1,3})?)(m?)$/.exec(text) ?? [];
  if (count === undefined) return undefined;
  const millis = Math.round(Number(count) * (milli === "m" ? 1 : 1000));
  return millis > 0 ? millis : undefined;
}

/** MiB (2^20 bytes), rounded down, of "512Mi", "4Gi" or "10G"; `undefined` for less than one. */
export function mebibytes(text: string): number | undefined {
  const [, count, unit = ""] = /^(\d+(?:\.\d+)?)(|k|M|G|T|Ki|Mi|Gi|Ti)$/.exec(text) ?? [];
  if (count === undefined) return undefined;
  const mib = Math.floor(Number(count) * MEMORY_UNITS[unit]! / MIB);
  return mib > 0 ? mib : undefined;
}
