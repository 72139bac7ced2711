/** How user code is held to its runner's CPU where there is no control group: by cores and by priority. */

/** Lower than that of the trusted components and of the user's own programs, which have 0. */
const NICENESS = 5;

/** A fraction of a core counts as one: affinity knows whole cores only. */
export function wholeCores(cpuMillis: number): number {
  return Math.max(1, Math.ceil(cpuMillis / 1000));
}

/** The command in front of a program that lets it and all that it starts use only the runner's cores. */
export function cpuShareArgv(
  options: Readonly<{ id: string; cores: readonly number[]; cpuMillis: number }>,
): string[] {
  const chosen = chooseCores(options);
  return ["nice", "-n", String(NICENESS), "taskset", "--cpu-list", chosen.join(",")];
}

/** As many of `cores` as the runner may use. Different runners begin at different cores, by their ids, so that they spread. */
export function chooseCores(
  { id, cores, cpuMillis }: Readonly<{ id: string; cores: readonly number[]; cpuMillis: number }>,
): number[] {
  const count = Math.min(cores.length, wholeCores(cpuMillis));
  let first = 0;
  for (const character of id) first = (first * 31 + character.charCodeAt(0)) % cores.length;
  return Array.from({ length: count }, (_, index) => cores[(first + index) % cores.length]!)
    .sort((one, other) => one - other);
}

/** The cores that a process may use, by the text of its /proc/PID/status: "0-2,5" is 0, 1, 2 and 5. */
export function allowedCores(status: string): number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1] ?? "0";
  return list.split(",").flatMap((range) => {
    const [first = 0, last = first] = range.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}
