import { type GradUnderTest, pythonSide } from "./grad_fixture.ts";
import { compare, type Figure, interleaved, median, quantile, timed } from "./measure.ts";

/** Warm `1+1` at grad's RPC against jupyter_client straight to the same kernel. */
export async function warmFigures(grad: GradUnderTest): Promise<Figure[]> {
  const first = await grad.execute("1+1");
  const runner = first.execution!.id.split("-")[0]!;
  await using straight = await pythonSide("straight.py", [
    `${grad.state}/runners/${runner}/volume/kernel`,
  ]);
  const taken = await interleaved(
    {
      ours: () => timed(() => grad.execute("1+1")),
      baseline: () => straight.turn("interactive 1+1"),
      bare: () => straight.turn("bare 1+1"),
    },
    { runs: 300, warmUps: 30 },
  );
  const figure = compare(
    "warm 1+1 at grad's RPC",
    { ...taken, baselineName: "jupyter_client, execute_interactive" },
    { target: "<= 1.5" },
  );
  const bare = median(taken.bare);
  const quiet = (values: readonly number[]) => quantile(values, 0.1);
  const notes =
    `${(figure.ours / bare).toFixed(2)}x a bare loop over the channels (${bare.toFixed(2)} ms); ` +
    `at the 10th percentile, where other load disturbs least: ${quiet(taken.ours).toFixed(2)} ms, ` +
    `${(quiet(taken.ours) / quiet(taken.baseline)).toFixed(2)}x and ${
      (quiet(taken.ours) / quiet(taken.bare)).toFixed(2)
    }x`;
  return [{ ...figure, notes }];
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
      baseline: () => timed(() => grad.execute(code, { session: `new-${sessions++}` })),
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
