/** The entry of `known` that `word` is probably a misspelling of, for "did you mean": case and punctuation do not count. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const plain = (text: string) => text.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
  const misspelt = plain(word).slice(0, 64);
  // Fewer edits than the word has characters: otherwise every short word would match.
  const maxEdits = Math.min(misspelt.length - 1, Math.max(1, Math.floor(misspelt.length / 3)));
  const [best] = known.map((each) => ({ each, distance: distance(misspelt, plain(each)) }))
    .filter((each) => each.distance <= maxEdits).sort((a, b) => a.distance - b.distance);
  return best?.each;
}

/** The number of insertions, deletions, replacements and swaps of neighbours between two words (Damerau-Levenshtein). */
function distance(a: string, b: string): number {
  const rows: number[][] = [[0, ...Array.from(b, (_, at) => at + 1)]];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const above = rows[i - 1]!;
      const replaced = above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      // Before its first character a word has `undefined`, which equals no character.
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? rows[i - 2]![j - 2]! + 1 : Infinity;
      row.push(Math.min(above[j]! + 1, row[j - 1]! + 1, replaced, swapped));
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
