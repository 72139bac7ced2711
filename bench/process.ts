import { gractl, type GradUnderTest } from "./grad_fixture.ts";
import { compare, type Figure, interleaved, timed } from "./measure.ts";

/** A whole `gractl execute-code` process, warm, against a Deno that does nothing. */
export async function processFigures(grad: GradUnderTest): Promise<Figure[]> {
  await grad.execute("1+1");
  const empty = new URL("empty.ts", import.meta.url).pathname;
  const taken = await interleaved(
    {
      ours: () => timed(() => gractl(["execute-code", "--code", "1+1", "-o", "json"], grad.env)),
      baseline: () =>
        timed(() =>
          new Deno.Command(Deno.execPath(), { args: ["run", "--no-config", empty], stdin: "null" }).output()
        ),
    },
    { runs: 30, warmUps: 3 },
  );
  const figure = compare("gractl execute-code, whole process", { ...taken, baselineName: "empty deno run" });
  return [{ ...figure, notes: `${(figure.ours - figure.baseline!).toFixed(0)} ms over an empty deno run` }];
}
