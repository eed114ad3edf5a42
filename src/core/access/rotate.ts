import { now } from '../../lib/time.ts'
import { guarded, inTransaction } from '../../storage/db.ts'
import type { Database } from '../../storage/db.ts'
import { dropTypedCodes, lockSealed, saveSealed } from '../../storage/sealed.ts'
import type { SealedRow, SealedTable } from '../../storage/sealed.ts'
import { deleteSigningKeys, lockSigningKeys, retireSigningKeys } from '../../storage/signing-keys.ts'
import { seal, unseal } from './sealing.ts'
import { makeSigningKey } from './signing-keys.ts'

/**
 * Makes another key sign from now on. What the older ones signed stays valid until it expires, so nobody is logged out;
 * other processes follow within half a minute.
 * @returns the id of the new key
 */
export async function rotateSigningKey(db: Database, secretKey: Buffer): Promise<string> {
  return guarded(() =>
    inTransaction(db.background, async (tx) => {
      await lockSigningKeys(tx)
      await retireSigningKeys(tx, now())
      return (await makeSigningKey(tx, secretKey)).kid
    }),
  )
}

/** The longest life of a token, and as much again: what was signed by an older key has expired. */
const RETIRED_KEPT_MS = 2 * 86_400_000

/** Forgets keys that retired so long ago that nothing they signed is valid. */
export async function forgetSigningKeys(db: Database): Promise<void> {
  await deleteSigningKeys(db.background, now() - RETIRED_KEPT_MS)
}

/** What the sealed outcome of a request with an Idempotency-Key is bound to. @param keyHash in hexadecimal digits */
export function outcomeContext(workspaceId: number, keyHash: string): string {
  return `${workspaceId}|${keyHash}`
}

/** What the sealed traces of an erased person are bound to. */
export function erasureContext(workspaceId: number, erasureId: string): string {
  return `erasure|${workspaceId}|${erasureId}`
}

/** What the sealed key of a workspace's tombstones is bound to. */
export function tombstoneContext(workspaceId: number): string {
  return `tombstone|${workspaceId}`
}

/** What each sealed value is bound to; the same as where it is sealed. */
const CONTEXTS: Readonly<Record<SealedTable, (key: SealedRow['key']) => string>> = {
  signing_key: ([kid]) => String(kid),
  user_totp: ([userId]) => `totp|${userId}`,
  workspace_secret: ([workspaceId, name]) => `workspace-secret|${workspaceId}|${name}`,
  // PostgreSQL writes bytes as `\\x` and their hexadecimal digits.
  idempotency: ([workspaceId, keyHash]) =>
    outcomeContext(Number(workspaceId), String(keyHash).slice('\\x'.length)),
  message: ([workspaceId, messageId]) => `message|${workspaceId}|${messageId}`,
  erasure: ([workspaceId, erasureId]) => erasureContext(Number(workspaceId), String(erasureId)),
  tombstone_key: ([workspaceId]) => tombstoneContext(Number(workspaceId)),
}

/**
 * Seals everything anew under another key, all or nothing. No server may run: it would go on sealing under the old one.
 * Codes that people were to type end, because they are stored under the key itself.
 * @returns how many values were sealed anew
 * @throws CDP_SECRET_KEY_WRONG `from` does not open what is stored
 */
export async function reseal(db: Database, from: Buffer, to: Buffer): Promise<number> {
  return guarded(() =>
    inTransaction(db.background, async (tx) => {
      let count = 0
      for (const table of Object.keys(CONTEXTS) as SealedTable[]) {
        const rows = await lockSealed(tx, table)
        const contextOf = CONTEXTS[table]
        const resealed = rows.map(({ key, sealed }) => {
          const context = contextOf(key)
          return { key, sealed: seal(unseal(sealed, context, from), context, to) }
        })
        await saveSealed(tx, table, resealed)
        count += resealed.length
      }
      await dropTypedCodes(tx)
      return count
    }),
  )
}
