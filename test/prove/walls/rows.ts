import { readFileSync } from 'node:fs'
import type { WorkspaceName } from '../../contract/harness.ts'
import { rowsOf } from '../../setup/database.ts'
import type { TestDatabase } from '../../setup/database.ts'
import { NOTES } from '../bad-input/stored.ts'

type Database = Pick<TestDatabase, 'admin'>

/** Every row of a workspace as JSON, by table. */
export type Rows = Readonly<Record<string, readonly string[]>>

/** The ids of the two workspaces of a harness. */
export async function workspaceIds(database: Database): Promise<Record<WorkspaceName, number>> {
  const rows = await rowsOf<{ name: WorkspaceName; id: number }>(
    database,
    `select name, workspace_id as id from workspace where name in ('First', 'Second')`,
  )
  const idOf = (name: WorkspaceName): number => rows.find((row) => row.name === name)?.id ?? -1
  return { First: idOf('First'), Second: idOf('Second') }
}

async function tablesOfWorkspaces(database: Database): Promise<string[]> {
  const rows = await rowsOf<{ name: string }>(
    database,
    `select relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'workspace_id'
      where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition`,
  )
  return rows.map(({ name }) => name)
}

/**
 * Every row of a workspace in every table that has a workspace.
 * @param left tables to leave out, with the reason: those that keep note of attempts
 */
export async function rowsOfWorkspace(
  database: Database,
  workspaceId: number,
  left: Readonly<Record<string, string>> = NOTES,
): Promise<Rows> {
  const found: [string, string[]][] = []
  for (const name of await tablesOfWorkspaces(database)) {
    if (Object.hasOwn(left, name)) continue
    const rows = await rowsOf<{ row: string }>(
      database,
      `select (to_jsonb(t) - 'last_used_at')::text as row from "${name}" t where workspace_id = $1`,
      [workspaceId],
    )
    found.push([name, rows.map(({ row }) => row).toSorted()])
  }
  return Object.fromEntries(found)
}

/** The tables whose rows differ. */
export function changedIn(before: Rows, after: Rows): string[] {
  return Object.keys(after).flatMap((name) => {
    const [old, now] = [new Set(before[name]), new Set(after[name])]
    const odd = [...now].filter((row) => !old.has(row)).concat([...old].filter((row) => !now.has(row)))
    return odd.length === 0 && before[name]?.length === after[name]?.length ? [] : [`${name}: ${odd[0]}`]
  })
}

/** Texts and numbers in a JSON value, names of members not among them. */
export function leavesOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(leavesOf)
  if (value !== null && typeof value === 'object') return Object.values(value).flatMap(leavesOf)
  return typeof value === 'string' || typeof value === 'number' ? [String(value)] : []
}

/** Texts that the product brings along, which workspaces store as they are. */
const BROUGHT = readFileSync(new URL('../../../src/core/messages/definitions.ts', import.meta.url), 'utf8')

/** Shorter ones stand everywhere, and so do plain words: states, kinds, small counts. */
const isTelling = (leaf: string): boolean =>
  leaf.length >= 6 && !/^[a-z_]+$/.test(leaf) && !BROUGHT.includes(leaf)

/** What stands in rows of one workspace, and in none of the other nor in the code's own words. */
export async function ownValues(database: Database, own: number, other: number): Promise<Set<string>> {
  const valuesOf = (rows: Rows): string[] =>
    Object.values(rows)
      .flat()
      .flatMap((row) => leavesOf(JSON.parse(row)))
      .filter(isTelling)
  const others = new Set(valuesOf(await rowsOfWorkspace(database, other)))
  return new Set(valuesOf(await rowsOfWorkspace(database, own)).filter((leaf) => !others.has(leaf)))
}
