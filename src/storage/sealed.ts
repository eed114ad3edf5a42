import { prepared } from './db.ts'
import type { Transaction } from './db.ts'

/** A place where sealed values are: what names a row, and the value. */
export interface SealedRow {
  /** Values of the key columns, in their order. */
  key: readonly (string | number)[]
  sealed: Buffer
}

/** Tables that hold sealed values. */
export type SealedTable =
  'signing_key' | 'user_totp' | 'workspace_secret' | 'message' | 'idempotency' | 'erasure' | 'tombstone_key'

const PLACES: Readonly<
  Record<SealedTable, { column: string; key: readonly [name: string, type: string][] }>
> = {
  signing_key: { column: 'private_sealed', key: [['kid', 'text']] },
  user_totp: { column: 'seed_sealed', key: [['user_id', 'integer']] },
  workspace_secret: {
    column: 'sealed',
    key: [
      ['workspace_id', 'integer'],
      ['name', 'text'],
    ],
  },
  idempotency: {
    column: 'sealed_answer',
    key: [
      ['workspace_id', 'integer'],
      ['key_hash', 'bytea'],
    ],
  },
  message: {
    column: 'sealed_body',
    key: [
      ['workspace_id', 'integer'],
      ['message_id', 'uuid'],
    ],
  },
  erasure: {
    column: 'person_sealed',
    key: [
      ['workspace_id', 'integer'],
      ['erasure_id', 'uuid'],
    ],
  },
  tombstone_key: { column: 'key_sealed', key: [['workspace_id', 'integer']] },
}

/** Every sealed value of a table; nobody else changes them until the transaction ends. */
export async function lockSealed(tx: Transaction, table: SealedTable): Promise<SealedRow[]> {
  const { column, key } = PLACES[table]
  const names = key.map(([name]) => name).join(', ')
  const find = prepared<{ key: (string | number)[]; sealed: Buffer }>(
    `sealed-lock-${table}`,
    `select json_build_array(${names}) as key, ${column} as sealed from ${table} where ${column} is not null for update`,
  )
  return find(tx, [])
}

/** Puts other sealed values into their places, set by set. */
export async function saveSealed(
  tx: Transaction,
  table: SealedTable,
  rows: readonly SealedRow[],
): Promise<void> {
  if (rows.length === 0) return
  const { column, key } = PLACES[table]
  const matches = key.map(([name, type], place) => `t.${name} = (r.k ->> ${place})::${type}`).join(' and ')
  const save = prepared(
    `sealed-save-${table}`,
    `update ${table} t set ${column} = decode(r.s, 'base64')
       from json_to_recordset($1::json) as r(k json, s text) where ${matches}`,
  )
  await save(tx, [JSON.stringify(rows.map((row) => ({ k: row.key, s: row.sealed.toString('base64') })))])
}

const dropTyped = prepared('one-time-code-drop-typed', "delete from one_time_code where form <> 'link'")

/** Ends the codes that are stored under the key itself: they cannot be read, so they cannot be kept. */
export async function dropTypedCodes(tx: Transaction): Promise<void> {
  await dropTyped(tx, [])
}
