/** What is reported to a member of `watchers`, from now until `signal` aborts. */
export function reports(
  watchers: Set<(id: string) => void>,
  signal: AbortSignal,
): AsyncIterable<string> {
  const ids: string[] = [];
  let wake = () => {};
  const report = (id: string) => (ids.push(id), wake());
  watchers.add(report);
  signal.addEventListener("abort", () => (watchers.delete(report), wake()), { once: true });
  return (async function* () {
    while (!signal.aborted) {
      const id = ids.shift();
      if (id !== undefined) yield id;
      else await new Promise<void>((resolve) => wake = resolve);
    }
  })();
}
