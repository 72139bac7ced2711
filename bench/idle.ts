import { type GradUnderTest, pythonSide } from "./grad_fixture.ts";
import { type Figure, keeps } from "./measure.ts";

const WINDOW_S = 30;
const SETTLE_S = 20;
const TICK_MS = 10;
/** Baseline kernels: few, because each takes a second and 100 MB; their cost is scaled to the number of sessions. */
const PLAIN_KERNELS = 4;

/**
 * What sessions cost that nobody uses: CPU time of grad and of all processes of the runner, in percent of one core, against
 * as many idle ipykernels that nobody supervises, in the same window. With 100 sessions the sum of resident sizes passes the
 * runner's memory limit although the memory itself does not, because forked kernels share pages.
 */
export async function idleFigures(grad: GradUnderTest): Promise<Figure[]> {
  await using plain = await pythonSide("idle_kernels.py", [String(PLAIN_KERNELS)]);
  const figures: Figure[] = [];
  let open = 0;
  for (const { sessions, target } of [{ sessions: 1, target: "<= 0.5" }, { sessions: 100, target: "<= 2" }]) {
    for (; open < sessions; open++) await grad.execute("1+1", { session: `idle-${open}` });
    await seconds(SETTLE_S);
    const [perPlain, ours] = await Promise.all([plain.turn(String(WINDOW_S)), cpuPercent(grad)]);
    const baseline = perPlain / PLAIN_KERNELS * sessions / (WINDOW_S * 10);
    const total = Object.values(ours).reduce((sum, part) => sum + part, 0);
    figures.push({
      name: `idle: ${sessions} session${sessions === 1 ? "" : "s"}`,
      unit: "% of a core",
      ours: total,
      oursP90: total,
      baseline,
      baselineName: `${sessions} plain ipykernel${sessions === 1 ? "" : "s"}`,
      ratio: total / baseline,
      runs: 1,
      target,
      targetIsOfValue: true,
      met: keeps(total, target),
      notes: Object.entries(ours).map(([part, percent]) => `${part} ${percent.toFixed(2)}`).join(", "),
    });
  }
  return figures;
}

/** CPU percent of one core in a window, by part. */
async function cpuPercent(grad: GradUnderTest): Promise<Record<string, number>> {
  const before = cpuMs(grad);
  await seconds(WINDOW_S);
  const after = cpuMs(grad);
  return Object.fromEntries(
    Object.entries(after).map(([part, ms]) => [part, (ms - (before[part] ?? 0)) / (WINDOW_S * 10)]),
  );
}

type Process = Readonly<{ parent: number; cpuMs: number; command: string }>;

/** CPU milliseconds that grad and the runner's processes have used so far. */
function cpuMs(grad: GradUnderTest): Record<string, number> {
  const table = processes();
  const parts: Record<string, number> = { grad: 0, init: 0, data: 0, agent: 0, supervisor: 0, kernels: 0 };
  for (const [pid, process] of table) {
    const part = partOf(pid, table, grad);
    if (part !== undefined) parts[part]! += process.cpuMs;
  }
  return parts;
}

function partOf(pid: number, table: ReadonlyMap<number, Process>, grad: GradUnderTest): string | undefined {
  if (pid === grad.pid) return "grad";
  let belowInit = false;
  for (let at = pid; at > 1; at = table.get(at)?.parent ?? 0) {
    if (at === grad.pid) break;
    const command = table.get(at)?.command ?? "";
    if (command.includes("grad_runner.init") && command.includes(grad.folder)) belowInit = true;
  }
  if (!belowInit) return undefined;
  const command = table.get(pid)!.command;
  // A forked kernel has its launcher's command line, and the launcher is as idle as they are.
  if (command.includes("grad_runner.kernel.launcher")) return "kernels";
  const part = /grad_runner\.(agent|data|init|kernel)/.exec(command)?.[1];
  return part === "kernel" ? "supervisor" : part ?? "kernels";
}

function processes(): Map<number, Process> {
  const table = new Map<number, Process>();
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = Deno.readTextFileSync(`/proc/${name}/stat`);
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      const command = Deno.readTextFileSync(`/proc/${name}/cmdline`);
      const cpuMs = (Number(fields[11]) + Number(fields[12])) * TICK_MS;
      table.set(Number(name), { parent: Number(fields[1]), cpuMs, command });
    } catch {
      // It has ended meanwhile.
    }
  }
  return table;
}

function seconds(count: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, count * 1000));
}
