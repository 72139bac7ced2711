/** Sets of user or group ids, as ranges: pure. */

/** `first` to `last`, both included. */
export type IdRange = Readonly<{ first: number; last: number }>;

/** What both sets have, in the order of `a`. */
export function intersect(a: readonly IdRange[], b: readonly IdRange[]): IdRange[] {
  return a.flatMap((one) =>
    b.map((two) => ({ first: Math.max(one.first, two.first), last: Math.min(one.last, two.last) }))
      .filter(({ first, last }) => first <= last)
      .sort((one, two) => one.first - two.first)
  );
}

/** What `a` has and `b` has not. */
export function subtract(a: readonly IdRange[], b: readonly IdRange[]): IdRange[] {
  return b.reduce<readonly IdRange[]>(
    (left, { first, last }) =>
      left.flatMap((one) =>
        [{ first: one.first, last: Math.min(one.last, first - 1) }, {
          first: Math.max(one.first, last + 1),
          last: one.last,
        }].filter((part) => part.first <= part.last)
      ),
    a,
  ).slice();
}

export function sizeOf(ranges: readonly IdRange[]): number {
  return ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0);
}

/** The id at `index` of the set, from 0. */
export function idAt(ranges: readonly IdRange[], index: number): number | undefined {
  for (const { first, last } of ranges) {
    const size = last - first + 1;
    if (index < size) return first + index;
    index -= size;
  }
  return undefined;
}

/** The ids that exist in a user namespace, by the text of /proc/self/uid_map or gid_map. */
export function mappedIds(text: string): IdRange[] {
  return numbers(text, /\s+/).flatMap(([first, , count]) => range(first, count));
}

/** The ids of /etc/passwd or /etc/group. */
export function namedIds(text: string): IdRange[] {
  return text.split("\n").flatMap((line) => range(Number.parseInt(line.split(":")[2] ?? "", 10), 1));
}

/** The ids of /etc/subuid or /etc/subgid: what users may give to their containers. */
export function delegatedIds(text: string): IdRange[] {
  return numbers(text, /:/).flatMap(([, first, count]) => range(first, count));
}

function numbers(text: string, separator: RegExp): number[][] {
  return text.split("\n").map((line) =>
    line.trim().split(separator).map((field) => Number.parseInt(field, 10))
  );
}

function range(first: number | undefined, count: number | undefined): IdRange[] {
  if (first === undefined || count === undefined || !(first >= 0) || !(count > 0)) return [];
  return [{ first, last: first + count - 1 }];
}
