import { type GradUnderTest, pythonSide } from "./grad_fixture.ts";
import { compare, type Figure, interleaved, timed } from "./measure.ts";

/** Warm `1+1` at grad's RPC against jupyter_client straight to the same kernel. */
export async function warmFigures(grad: GradUnderTest): Promise<Figure[]> {
  const first = await grad.execute("1+1");
  if (!first.done) throw new Error("1+1 did not finish");
  const runner = first.execution!.id.split("-")[0]!;
  await using straight = await pythonSide("straight.py", [`${grad.runtime}/${runner}/kernel`]);
  const taken = await interleaved(
    { ours: () => timed(() => grad.execute("1+1")), baseline: () => straight.turn("1+1") },
    { runs: 200, warmUps: 30 },
  );
  return [
    compare("warm 1+1 at grad's RPC", { ...taken, baselineName: "jupyter_client" }, { target: "<= 1.5" }),
  ];
}

/** First result in a new session with pandas and DuckDB imported, against an ipykernel started the plain way. */
export async function firstResultFigures(grad: GradUnderTest): Promise<Figure[]> {
  const code = "import pandas, duckdb; print(1)";
  await grad.execute(code);
  await using plain = await pythonSide("plain_kernel.py", []);
  let sessions = 0;
  const taken = await interleaved(
    {
      // "Times faster" is baseline over ours, so the sides stand the other way round here.
      ours: () => plain.turn(code),
      baseline: () =>
        timed(async () => {
          const answer = await grad.execute(code, { session: `new-${sessions++}` });
          if (!answer.done) throw new Error("not done");
        }),
    },
    { runs: 20, warmUps: 1 },
  );
  const figure = compare(
    "plain ipykernel to first result",
    { ...taken, baselineName: "new session in grad" },
    {
      target: ">= 10",
      notes: "ratio = how many times faster a new session of ours is",
    },
  );
  return [figure];
}
