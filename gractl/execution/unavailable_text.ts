import type { AttachedDataset } from "../client/runners.ts";

/** What to say of a dataset that code cannot read for now. */
export function unavailableText(
  { name, state, errorMessage, errorHint }: AttachedDataset,
  missingKeys: ReadonlyMap<string, string>,
): string {
  const why = missingKeys.get(name) ?? (errorHint ? `${errorMessage}. ${errorHint}` : errorMessage);
  if (state === "failed") return `The dataset ${name} is not attached, and opening it is an error: ${why}`;
  return `The dataset ${name} is still being mounted, and opening it is an error until then; ` +
    `\`--dataset ${name}\` waits for it${errorMessage === "" ? "" : `. The try before has failed: ${why}`}`;
}
