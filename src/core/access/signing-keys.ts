import { exportJWK, exportPKCS8, generateKeyPair, importJWK, importPKCS8 } from 'jose'
import type { CryptoKey, JWK } from 'jose'
import { newUuid } from '../../lib/ids.ts'
import { now } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import { guarded, inTransaction } from '../../storage/db.ts'
import type { Database, Transaction } from '../../storage/db.ts'
import { findSigningKeys, insertSigningKey, lockSigningKeys } from '../../storage/signing-keys.ts'
import type { SigningKeyRow } from '../../storage/signing-keys.ts'
import { seal, unseal } from './sealing.ts'

/** The one algorithm of tokens; no other is accepted. @source reference Synerise 0.1: RS512 */
export const TOKEN_ALGORITHM = 'RS512'

const MODULUS_BITS = 2048

/** A key that signs. */
export interface SigningKey {
  kid: string
  privateKey: CryptoKey
}

/** The keys that sign and verify tokens. */
export interface SigningKeys {
  /** The key that signs now; made at first need. */
  current(): Promise<SigningKey>
  /** The public half. @throws CDP_TOKEN_INVALID no key has this id */
  publicKey(kid: string): Promise<CryptoKey>
  /** All public halves, as a JSON Web Key Set. */
  jwks(): Promise<{ keys: JWK[] }>
}

/**
 * Opens the keys. They are read once; another process may add one, so an unknown id is looked up again, at most once a
 * second.
 */
export function openSigningKeys(db: Database, secretKey: Buffer): SigningKeys {
  const publicKeys = new Map<string, CryptoKey>()
  let signing: Promise<SigningKey> | undefined
  let signingSinceMs = 0
  let readAtMs = Number.NEGATIVE_INFINITY
  let reading: Promise<void> | undefined
  const readPublic = async (): Promise<void> => {
    for (const { kid, publicJwk } of await guarded(() => findSigningKeys(db.access)))
      if (!publicKeys.has(kid)) publicKeys.set(kid, await importPublic(publicJwk))
    readAtMs = performance.now()
  }
  const publicKey = async (kid: string): Promise<CryptoKey> => {
    // Whoever asks meanwhile waits for the same answer.
    if (!publicKeys.has(kid) && performance.now() - readAtMs > REREAD_AFTER_MS)
      await (reading ??= readPublic().finally(() => (reading = undefined)))
    const key = publicKeys.get(kid)
    if (!key) throw new CdpError('CDP_TOKEN_INVALID')
    return key
  }
  const current = (): Promise<SigningKey> => {
    if (performance.now() - signingSinceMs > REREAD_CURRENT_AFTER_MS) signing = undefined
    if (signing) return signing
    signingSinceMs = performance.now()
    signing = findOrMake(db, secretKey).catch((error: unknown) => {
      signing = undefined
      throw error
    })
    return signing
  }
  const jwks = async (): Promise<{ keys: JWK[] }> => {
    const rows = await guarded(() => findSigningKeys(db.access))
    return { keys: rows.map(({ publicJwk }) => publicJwk as JWK) }
  }
  return { current, publicKey, jwks }
}

const REREAD_AFTER_MS = 1_000

/** How late a process notices that another key signs: the older one verifies for much longer. */
const REREAD_CURRENT_AFTER_MS = 30_000

async function importPublic(jwk: SigningKeyRow['publicJwk']): Promise<CryptoKey> {
  const key = await importJWK(jwk as JWK, TOKEN_ALGORITHM)
  if (key instanceof Uint8Array)
    throw new CdpError('CDP_INVARIANT_BROKEN', { cause: 'a public key is symmetric' })
  return key
}

async function findOrMake(db: Database, secretKey: Buffer): Promise<SigningKey> {
  const found = await guarded(() => findSigningKeys(db.access))
  return (await openNewest(found, secretKey)) ?? makeFirst(db, secretKey)
}

async function openNewest(
  rows: readonly SigningKeyRow[],
  secretKey: Buffer,
): Promise<SigningKey | undefined> {
  const row = rows.find(({ retiredAt }) => retiredAt === undefined)
  if (!row) return undefined
  const pem = unseal(row.privateSealed, row.kid, secretKey).toString('utf8')
  return { kid: row.kid, privateKey: await importPKCS8(pem, TOKEN_ALGORITHM) }
}

/** Makes a key pair, unless another process was faster. */
async function makeFirst(db: Database, secretKey: Buffer): Promise<SigningKey> {
  return guarded(() =>
    inTransaction(db.background, async (tx) => {
      await lockSigningKeys(tx)
      return (await openNewest(await findSigningKeys(tx), secretKey)) ?? makeSigningKey(tx, secretKey)
    }),
  )
}

/** Makes a key pair and stores it, its private half sealed. The caller holds the lock. */
export async function makeSigningKey(tx: Transaction, secretKey: Buffer): Promise<SigningKey> {
  const pair = await generateKeyPair(TOKEN_ALGORITHM, { modulusLength: MODULUS_BITS, extractable: true })
  const kid = newUuid()
  const pem = await exportPKCS8(pair.privateKey)
  const publicJwk = { ...(await exportJWK(pair.publicKey)), kid, alg: TOKEN_ALGORITHM, use: 'sig' }
  await insertSigningKey(tx, {
    kid,
    algorithm: TOKEN_ALGORITHM,
    publicJwk,
    privateSealed: seal(Buffer.from(pem), kid, secretKey),
    createdAt: now(),
  })
  return { kid, privateKey: pair.privateKey }
}

/** Checks at the start that the secret key opens what is stored. @throws CDP_SECRET_KEY_WRONG */
export async function checkSecretKey(db: Database, secretKey: Buffer): Promise<void> {
  for (const { kid, privateSealed } of await guarded(() => findSigningKeys(db.access)))
    unseal(privateSealed, kid, secretKey)
}
