import { prepared } from './db.ts'
import type { Queryable } from './db.ts'

/** What one table takes on disk, with all its partitions. Sizes in bytes. */
export interface TableSize {
  name: string
  /** Pieces that it is cut into; 0 for a table that is not. */
  partitions: number
  /** Rows as PostgreSQL's own statistics estimate them. */
  rows: number
  /** The rows themselves, without what is kept apart of long values. */
  tableBytes: number
  indexBytes: number
  /** Long values. */
  toastBytes: number
}

// A table that goes while this runs has no size. Statistics of a table that was never analyzed say -1; those of a partitioned one are of its
// partitions, which are counted already.
const findSizes = prepared<TableSize>(
  'table-sizes',
  `select r.relname as name, count(*) filter (where c.relispartition)::integer as partitions,
          coalesce(sum(greatest(c.reltuples, pg_stat_get_live_tuples(c.oid), 0)) filter (where c.relkind = 'r'), 0)::bigint as rows,
          coalesce(sum(pg_table_size(c.oid) - coalesce(pg_total_relation_size(nullif(c.reltoastrelid, 0)), 0)), 0)::bigint
            as "tableBytes",
          coalesce(sum(pg_indexes_size(c.oid)), 0)::bigint as "indexBytes",
          coalesce(sum(pg_total_relation_size(nullif(c.reltoastrelid, 0))), 0)::bigint as "toastBytes"
     from pg_class c
     join pg_namespace s on s.oid = c.relnamespace
     join pg_class r on r.oid = coalesce(pg_partition_root(c.oid), c.oid)
    where s.nspname = current_schema and c.relkind in ('r', 'p')
    group by r.relname order by r.relname`,
)

/** Every table of the installation, in the order of names. */
export async function findTableSizes(db: Queryable): Promise<TableSize[]> {
  return findSizes(db, [])
}
