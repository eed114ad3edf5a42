import { createHmac, randomBytes } from 'node:crypto'
import { CdpError } from '../../model/errors.ts'
import { identifierKey } from '../../model/identity.ts'
import type { Identifier } from '../../model/identity.ts'
import type { Queryable, Transaction } from '../../storage/db.ts'
import {
  findTombstoneKeys,
  findTombstones,
  insertTombstoneKey,
  insertTombstones,
} from '../../storage/tombstones.ts'
import type { TombstoneKeyRow } from '../../storage/tombstones.ts'
import { seal, tombstoneContext, unseal } from '../access/index.ts'

/** An identifier of a workspace. */
export type PlacedIdentifier = { workspaceId: number } & Identifier

/** Tombstones of one process: what nobody may be known by again, as keyed hashes that tell nothing of the person. */
export interface Tombstones {
  /**
   * Which of these identifiers have a tombstone, by `workspaceId|` and their key. One look by primary key finds the workspaces
   * that have any; of all others nothing more is asked. Always asked and never remembered, because another process may have
   * put one up since.
   */
  find(db: Queryable, identifiers: readonly PlacedIdentifier[]): Promise<ReadonlySet<string>>
  /** Puts up tombstones for an erased person's identifiers. */
  put(tx: Transaction, erasure: TombstoneErasure, identifiers: readonly Identifier[]): Promise<void>
}

/** The erasure that asked for tombstones. */
export interface TombstoneErasure {
  workspaceId: number
  erasureId: string
}

/** As many as the hash has. */
const KEY_BYTES = 32

/** Opens the tombstones. @param secretKey seals the keys of workspaces; without it no workspace may have tombstones */
export function openTombstones(secretKey: Buffer | undefined): Tombstones {
  const keys = new KeyCache(secretKey)
  return {
    find: (db, identifiers) => find(db, keys, identifiers),
    put: async (tx, { workspaceId, erasureId }, identifiers) => {
      const key = await keyOf(tx, keys, workspaceId)
      const hashes = identifiers.map((identifier) => hashOf(identifier, key))
      await insertTombstones(tx, workspaceId, erasureId, hashes)
    },
  }
}

async function find(
  db: Queryable,
  keys: KeyCache,
  identifiers: readonly PlacedIdentifier[],
): Promise<ReadonlySet<string>> {
  if (identifiers.length === 0) return new Set()
  const rows = await findTombstoneKeys(db, [...new Set(identifiers.map(({ workspaceId }) => workspaceId))])
  const opened = new Map(rows.map((row) => [row.workspaceId, keys.open(row)]))
  const asked = identifiers.flatMap((identifier) => {
    const key = opened.get(identifier.workspaceId)
    if (!key) return []
    const { workspaceId } = identifier
    const name = `${workspaceId}|${identifierKey(identifier)}`
    return [{ workspaceId, name, valueHash: hashOf(identifier, key) }]
  })
  const found = await findTombstones(db, asked)
  const hashes = new Set(found.map((row) => `${row.workspaceId}|${row.valueHash.toString('base64')}`))
  const isFound = (row: (typeof asked)[number]): boolean =>
    hashes.has(`${row.workspaceId}|${row.valueHash.toString('base64')}`)
  return new Set(asked.filter(isFound).map(({ name }) => name))
}

/** The key of a workspace, made at first need: of two that make one at once, both use the one that was kept. */
async function keyOf(tx: Transaction, keys: KeyCache, workspaceId: number): Promise<Buffer> {
  const [stored] = await findTombstoneKeys(tx, [workspaceId])
  if (stored) return keys.open(stored)
  await insertTombstoneKey(tx, keys.make(workspaceId))
  const [kept] = await findTombstoneKeys(tx, [workspaceId])
  if (!kept) throw new CdpError('CDP_INVARIANT_BROKEN', { cause: 'no key for tombstones' })
  return keys.open(kept)
}

function hashOf(identifier: Identifier, key: Buffer): Buffer {
  return createHmac('sha256', key).update(identifierKey(identifier)).digest()
}

/** Keys that were unsealed: a flush must not do that anew each time. */
class KeyCache {
  readonly #secretKey: Buffer | undefined
  readonly #opened = new Map<number, { sealed: Buffer; key: Buffer }>()

  constructor(secretKey: Buffer | undefined) {
    this.#secretKey = secretKey
  }

  /** @throws CDP_SECRET_KEY_WRONG */
  open({ workspaceId, sealed }: TombstoneKeyRow): Buffer {
    const known = this.#opened.get(workspaceId)
    if (known?.sealed.equals(sealed)) return known.key
    const key = unseal(sealed, tombstoneContext(workspaceId), this.#secret())
    this.#opened.set(workspaceId, { sealed, key })
    return key
  }

  /** A new key for a workspace. */
  make(workspaceId: number): TombstoneKeyRow {
    const sealed = seal(randomBytes(KEY_BYTES), tombstoneContext(workspaceId), this.#secret())
    return { workspaceId, sealed }
  }

  #secret(): Buffer {
    if (this.#secretKey) return this.#secretKey
    throw new CdpError('CDP_INVARIANT_BROKEN', { cause: 'no key for tombstones' })
  }
}
