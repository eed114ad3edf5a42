import type { Encoder } from './encoder.ts'

/** A line of JSON for each row, as PostgreSQL wrote it. */
export function openNdjson(): Encoder {
  return {
    head: () => Buffer.alloc(0),
    rows: (rows) => Buffer.from(rows.map(({ cells }) => `${cells[0]}\n`).join('')),
    end: () => Buffer.alloc(0),
  }
}
