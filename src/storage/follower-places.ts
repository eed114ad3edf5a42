import { prepared } from './db.ts'
import type { Transaction } from './db.ts'

// A follower or a batch that is ahead of every transaction of this cluster comes from another one.
const isForeign = prepared<{ foreign: boolean }>(
  'follower-foreign',
  `select greatest((select max(position::text::numeric) from follower), (select max(xid)::text::numeric from ingest_batch))
            > pg_snapshot_xmax(pg_current_snapshot())::text::numeric as foreign`,
)

// Each place of a follower becomes an id of its own, the last one this transaction's: so a follower that was ahead of another one
// does not see again what it has seen. Where none has begun yet, all is unseen.
const PLACES = `
  select distinct old, pg_current_xact_id()::text::numeric + 1 - dense_rank() over (order by old desc) as new
    from (select position::text::numeric as old from follower
          union all select 0 where not exists (select from follower)) p`

const keepUnseen = prepared(
  'ingest-batch-rebase',
  `with place as (${PLACES})
   update ingest_batch b
      set xid = (select max(p.new)::text::xid8 from place p where p.old <= b.xid::text::numeric)
    where b.xid::text::numeric >= (select min(old) from place)`,
)

const forgetSeen = prepared(
  'ingest-batch-forget',
  `delete from ingest_batch where xid::text::numeric < (select min(position::text::numeric) from follower)`,
)

const moveFollowers = prepared(
  'follower-restart',
  `with place as (${PLACES})
   update follower f set position = p.new::text::xid8 from place p where p.old = f.position::text::numeric`,
)

/**
 * Makes the batches of a restored dump this cluster's own: transaction ids begin anew in another cluster, and a
 * follower that waits for the old ones would never see a new batch. Call it before anything is written.
 */
export async function rebaseFollowers(tx: Transaction): Promise<void> {
  const [row] = await isForeign(tx, [])
  if (row?.foreign) await restartFollowers(tx)
}

/** As {@link rebaseFollowers}, where it is known that the rows come from elsewhere. */
export async function restartFollowers(tx: Transaction): Promise<void> {
  await forgetSeen(tx, [])
  await keepUnseen(tx, [])
  await moveFollowers(tx, [])
}
