import { type GradUnderTest, program } from "./grad_fixture.ts";
import { type Figure, median, peakMib, quantile } from "./measure.ts";

const MEGABYTES = 100;
const CODE = `import sys
line = "x" * 99 + "\\n"
block = line * 10_000
for _ in range(${MEGABYTES}):
    sys.stdout.write(block)
`;

/** 100 MB of stdout through gractl to a pipe that is read as fast as it comes: MB/s, and the peak memory of each process. */
export async function outputFigures(grad: GradUnderTest): Promise<Figure[]> {
  await grad.execute("1+1");
  const rates: number[] = [];
  let client = 0;
  for (let turn = 0; turn < 20; turn++) {
    const from = performance.now();
    const child = new Deno.Command(program("gractl"), {
      args: ["execute-code", "--code", CODE],
      env: grad.env,
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    let bytes = 0;
    let seen = 0;
    for await (const chunk of child.stdout) {
      bytes += chunk.length;
      if (bytes - seen > 5_000_000) {
        seen = bytes;
        client = Math.max(client, peakMib(child.pid));
      }
    }
    await child.status;
    if (bytes < MEGABYTES * 1_000_000) throw new Error(`only ${bytes} bytes came`);
    rates.push(bytes / 1e6 / ((performance.now() - from) / 1e3));
  }
  const agent = await agentPid(grad);
  return [
    {
      name: "100 MB of stdout",
      unit: "MB/s",
      ours: median(rates),
      oursP90: quantile(rates, 0.1),
      runs: rates.length,
      notes: `peak memory after 2 GB in all: gractl ${client.toFixed(0)}, grad ${
        peakMib(grad.pid).toFixed(0)
      }, agent ${peakMib(agent).toFixed(0)} MiB`,
    },
  ];
}

/** The agent of the benchmark's only runner, by the socket on its command line. */
async function agentPid(grad: GradUnderTest): Promise<number> {
  for await (const entry of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(entry.name)) continue;
    const command = await Deno.readTextFile(`/proc/${entry.name}/cmdline`).catch(() => "");
    if (command.includes("grad_runner.agent") && command.includes(grad.runtime)) return Number(entry.name);
  }
  throw new Error("no agent found");
}
