/** Logs are events with fields: a constant `noun.verb` name, variable parts as fields, one JSON object a line. */
export type Fields = Readonly<
  Record<string, string | number | boolean | null | undefined | readonly string[]>
>;
export type Level = "debug" | "info" | "warn" | "error";

export interface Logger {
  debug(event: string, fields?: Fields): void;
  info(event: string, fields?: Fields): void;
  warn(event: string, fields?: Fields): void;
  error(event: string, error: unknown, fields?: Fields): void;
  /** A logger that adds `fields` to every line, e.g. `{ runner: "r-1" }` for the length of one call. */
  with(fields: Fields): Logger;
}

const ORDER: Readonly<Record<Level, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

export function jsonLogger(
  write: (line: string) => void,
  options: { now: () => number; level?: Level; fields?: Fields },
): Logger {
  const { now, level = "info", fields = {} } = options;
  const put = (at: Level, event: string, more: Fields) => {
    if (ORDER[at] < ORDER[level]) return;
    write(JSON.stringify({ time: new Date(now()).toISOString(), level: at, event, ...fields, ...more }));
  };
  return {
    debug: (event, more = {}) => put("debug", event, more),
    info: (event, more = {}) => put("info", event, more),
    warn: (event, more = {}) => put("warn", event, more),
    error(event, error, more = {}) {
      const known = error instanceof Error;
      const stack = known && !("code" in error) ? { stack: error.stack } : {};
      put("error", event, { ...more, error: known ? error.message : String(error), ...stack });
    },
    with: (more) => jsonLogger(write, { now, level, fields: { ...fields, ...more } }),
  };
}

/** For tests and for callers that were given none. */
export const silentLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  with: () => silentLogger,
};
