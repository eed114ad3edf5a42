import { from, to } from 'pg-copy-streams'
import type { Readable, Writable } from 'node:stream'
import type { TableShape, TableSum } from '../../model/backup.ts'
import type { Queryable } from '../db.ts'
import type { CopySession } from './session.ts'
import { quoteName } from './tables.ts'

type Columns = Pick<TableShape, 'name' | 'columns'>

/** A stream that also counts the rows that went through it so far. */
export type Counting<Stream> = Stream & { readonly rowCount: number }

/**
 * Counts the rows of a table and sums up 64 bits of a hash of each row's text: the same for the same rows in any order, on
 * every PostgreSQL from 15 to 18. SHA-256, because systems in FIPS mode have no MD5.
 */
export async function measureTable(db: Queryable, table: Columns): Promise<TableSum> {
  // The alias is none that a column could have: a column would be taken for the row.
  const { rows } = await db.query<TableSum>(
    `select count(*)::text as rows,
            coalesce(sum(('x' || encode(substring(sha256(convert_to("the whole row"::text, 'UTF8')) from 1 for 8), 'hex'))
                         ::bit(64)::bigint::numeric), 0)::text as checksum
       from (select ${columnsOf(table)} from ${quoteName(table.name)}) as "the whole row"`,
  )
  return rows[0] ?? { rows: '0', checksum: '0' }
}

/** The rows of a table as lines of COPY's text format. */
export function readTable(session: CopySession, table: Columns): Counting<Readable> {
  return session.query(
    to(
      `copy (select ${columnsOf(table)} from ${quoteName(table.name)}) to stdout (format text, encoding 'UTF8')`,
    ),
  )
}

/** Takes such lines into a table. */
export function fillTable(session: CopySession, table: Columns): Counting<Writable> {
  return session.query(
    from(`copy ${quoteName(table.name)} (${columnsOf(table)}) from stdin (format text, encoding 'UTF8')`),
  )
}

function columnsOf({ columns }: Columns): string {
  return columns.map(quoteName).join(', ')
}
