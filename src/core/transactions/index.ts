/** Transactions: the purchases of a person. They are written by ingest, with the event that tells of them. */
import { pageOf, readPlace } from '../../model/page.ts'
import type { Page } from '../../model/page.ts'
import { guarded } from '../../storage/db.ts'
import type { Database } from '../../storage/db.ts'
import { findTransactions } from '../../storage/transactions.ts'
import type { TransactionRow } from '../../storage/transactions.ts'

export type { TransactionRow } from '../../storage/transactions.ts'

/** Which purchases: those of one person, by its own profile id and the ids merged into it. */
export interface TransactionList {
  workspaceId: number
  profileIds: readonly number[]
  cursor: string | undefined
  limit: number
}

/** Reads of purchases. */
export interface Transactions {
  /** Purchases of one person, newest first. @throws CDP_QUERY_INVALID the cursor is not one of this list */
  list(query: TransactionList): Promise<Page<TransactionRow>>
}

/** Opens transactions over a database. */
export function openTransactions(db: Database): Transactions {
  return {
    list: ({ cursor, limit, ...query }) =>
      guarded(async () => {
        const rows = await findTransactions(db.general, {
          ...query,
          after: readPlace(cursor),
          limit: limit + 1,
        })
        const place = ({ occurredAt: at, transactionId: id }: TransactionRow) => ({ at, id })
        return pageOf(rows, limit, place, (row) => row)
      }),
  }
}
