import type { BackupPartition, BackupSequence, MigrationMark, TableShape } from '../../model/backup.ts'
import type { Queryable } from '../db.ts'
import { DISTRIBUTION } from '../distribution.ts'

/** A name inside an SQL text. Names come from catalogs and from files, so nothing is taken for granted. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

// Tables of extensions are made by them, and their rows too.
const ORDINARY = `
  from pg_class c
 where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
   and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')`

/** Every table of the schema, a partitioned one once; by name. */
export async function findTableNames(db: Queryable): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(
    `select c.relname::text as name ${ORDINARY} order by c.relname collate "C"`,
  )
  return rows.map(({ name }) => name)
}

/**
 * Those of `names` that no release of this product made. A table that a later migration drops or renames stays in
 * DISTRIBUTION's list of classes, or its rows would be missing in backups of older schemas.
 */
export function findStrangers(names: readonly string[]): string[] {
  return names.filter((name) => !Object.hasOwn(DISTRIBUTION, name))
}

const SHAPES = `
  select c.relname::text as name,
         array(select a.attname::text from pg_attribute a
                where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
                order by a.attnum) as columns,
         (select coalesce(json_agg(json_build_object('name', p.relname,
                   'from', extract(epoch from substring(b.bound from 'FROM \\(''([^'']+)''')::timestamptz) * 1000,
                   'to', extract(epoch from substring(b.bound from 'TO \\(''([^'']+)''')::timestamptz) * 1000)
                   order by p.relname collate "C"), '[]')
            from pg_inherits i join pg_class p on p.oid = i.inhrelid
            cross join lateral (select pg_get_expr(p.relpartbound, p.oid) as bound) b
           where i.inhparent = c.oid) as partitions,
         (select coalesce(json_agg(json_build_object('column', a.attname, 'last', s.last_value::text)), '[]')
            from pg_attribute a
            join pg_depend d on d.refclassid = 'pg_class'::regclass and d.refobjid = c.oid and d.refobjsubid = a.attnum
                            and d.classid = 'pg_class'::regclass and d.deptype in ('a', 'i')
            join pg_class q on q.oid = d.objid and q.relkind = 'S'
            join pg_sequences s on s.schemaname = 'public' and s.sequencename = q.relname
           where a.attrelid = c.oid) as sequences
  ${ORDINARY} and c.relname = any($1::text[])
  order by c.relname collate "C"`

interface StoredShape {
  name: string
  columns: string[]
  partitions: { name: string; from: number | null; to: number }[]
  sequences: { column: string; last: string | null }[]
}

/** The shapes of tables as the transaction sees them; by name. */
export async function readShapes(db: Queryable, names: readonly string[]): Promise<TableShape[]> {
  const { rows } = await db.query<StoredShape>(SHAPES, [names])
  return rows.map(({ name, columns, partitions, sequences }) => ({
    name,
    columns,
    partitions: partitions.map((part): BackupPartition => ({
      ...part,
      from: part.from === null ? undefined : part.from,
    })),
    sequences: sequences.map(({ column, last }): BackupSequence => ({ column, last: last ?? undefined })),
  }))
}

/** The migrations that made the schema, in order; none when the database has never been migrated. */
export async function readMarks(db: Queryable): Promise<MigrationMark[]> {
  const { rows: found } = await db.query<{ there: boolean }>(
    `select to_regclass('public.schema_migration') is not null as there`,
  )
  if (!found[0]?.there) return []
  const { rows } = await db.query<MigrationMark>(
    'select version, name, checksum from schema_migration order by version',
  )
  return rows.map(({ version, name, checksum }) => ({ version, name, checksum }))
}
