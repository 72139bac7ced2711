/** The kernelspec whose sessions run SQL. */
export const SQL_KERNEL = "python3";

export function isSqlFile(path: string): boolean {
  return path.toLowerCase().endsWith(".sql");
}

/** The code that runs a query in a session: DuckDB, with the datasets as tables. */
export function sqlCell(query: string): string {
  return `%%sql\n${query}`;
}
