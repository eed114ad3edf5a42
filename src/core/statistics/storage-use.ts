import { guarded } from '../../storage/db.ts'
import type { Database } from '../../storage/db.ts'
import { findTableSizes } from '../../storage/sizes.ts'
import type { TableSize } from '../../storage/sizes.ts'
import { measureFiles } from '../exports/index.ts'

/** What an installation takes on disk, over all its workspaces. Sizes in bytes. */
export interface StorageUse {
  /** The largest first. */
  tables: TableSize[]
  /** All tables together. */
  bytes: number
  /** Files of exports. Those of imports are in the database. */
  exports: { files: number; bytes: number }
}

/** What a table takes altogether, bytes. */
export function bytesOf({ tableBytes, indexBytes, toastBytes }: TableSize): number {
  return tableBytes + indexBytes + toastBytes
}

/** Measures an installation; costs a look at the size of every file of the database. @param exportFolder where the files of exports are */
export async function readStorageUse(db: Database, exportFolder: string): Promise<StorageUse> {
  const [tables, exports] = await Promise.all([
    guarded(() => findTableSizes(db.analysis)),
    measureFiles(exportFolder),
  ])
  return {
    tables: tables.toSorted((a, b) => bytesOf(b) - bytesOf(a)),
    bytes: tables.reduce((sum, table) => sum + bytesOf(table), 0),
    exports,
  }
}
