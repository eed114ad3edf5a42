/** What a command prints: rows under headings, or one object. */
export interface Output {
  json: unknown
  table: readonly (readonly string[])[]
}

/** Prints for people as an aligned table, or for programs as JSON. */
export function print({ json, table }: Output, options: { json?: boolean }): void {
  process.stdout.write(options.json ? `${JSON.stringify(json, undefined, 2)}\n` : renderTable(table))
}

/** Rows with their columns aligned, two spaces apart. */
export function renderTable(rows: readonly (readonly string[])[]): string {
  const columns = Math.max(0, ...rows.map((row) => row.length))
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  )
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}
