import type { BackupTable } from '../../model/backup.ts'
import { rebuild } from './rebuild.ts'
import { measureTable, readTable } from './rows.ts'
import type { Counting } from './rows.ts'
import type { CopySession } from './session.ts'
import { openSnapshot } from './snapshot.ts'
import { findStrangers, findTableNames } from './tables.ts'

/** What was copied from one database to another. */
export interface CopiedDatabase {
  tables: readonly BackupTable[]
  /** Tables that are not this product's, and were left where they are. */
  strangers: readonly string[]
}

/**
 * Copies a database into an empty one of another cluster, at its own schema version, and compares counts and sums of every table.
 * All of it or nothing.
 * @param onTable told of each table before its rows go in; `sink` counts them
 * @throws what {@link rebuild} throws
 */
export async function copyDatabase(
  from: CopySession,
  to: CopySession,
  onTable: (table: BackupTable, sink: Counting<unknown>) => void,
): Promise<CopiedDatabase> {
  const strangers = findStrangers(await findTableNames(from))
  // A start that ended before its migrations has left an empty database, and there is nothing to copy.
  if ((await findTableNames(from)).length === strangers.length) return { tables: [], strangers }
  const { postgres, migrations, tables: shapes } = await openSnapshot(from)
  const tables: BackupTable[] = []
  for (const shape of shapes) tables.push({ ...shape, ...(await measureTable(from, shape)) })
  await rebuild(to, {
    content: { postgres, migrations, tables },
    openRows: async (table) => readTable(from, table),
    onTable,
  })
  await from.query('commit')
  await to.query('analyze')
  return { tables, strangers }
}
