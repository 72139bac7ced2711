/** Names of a generated enumeration without its prefix, in small letters: "RUNNER_PHASE_READY" is "ready". */
export type EnumName<Enum, Prefix extends string> = keyof Enum extends infer Key
  ? Key extends `${Prefix}${infer Name}` ? Lowercase<Name> : never
  : never;

/**
 * The conversion from a number of the wire to its name. A number that this version does not know, from a newer peer, is
 * "unspecified", as is the number 0.
 *
 * @param wire an enumeration as ts-proto generates it: numbers by name and names by number
 */
export function enumNames<
  Enum extends Readonly<Record<string | number, string | number>>,
  Prefix extends string,
>(
  wire: Enum,
  prefix: Prefix,
): (value: number) => EnumName<Enum, Prefix> {
  return (value) => {
    const key = wire[value];
    const known = typeof key === "string" && key.startsWith(prefix);
    return (known ? key.slice(prefix.length).toLowerCase() : "unspecified") as EnumName<Enum, Prefix>;
  };
}

/** The other way: the number of the wire for each name. */
export function enumNumbers<
  Enum extends Readonly<Record<string | number, string | number>>,
  Prefix extends string,
>(
  wire: Enum,
  prefix: Prefix,
): Readonly<Record<EnumName<Enum, Prefix>, Extract<Enum[keyof Enum], number>>> {
  const known = Object.entries(wire).filter(([key]) => key.startsWith(prefix));
  return Object.fromEntries(
    known.map(([key, value]) => [key.slice(prefix.length).toLowerCase(), value]),
  ) as Readonly<Record<EnumName<Enum, Prefix>, Extract<Enum[keyof Enum], number>>>;
}
