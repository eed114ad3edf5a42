import { sha256Of } from '../../lib/ids.ts'
import { now } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import { guarded, inTransaction } from '../../storage/db.ts'
import type { Database, InTransaction, Transaction } from '../../storage/db.ts'
import {
  IDEMPOTENCY_KEPT_MS,
  findIdempotency,
  lockIdempotency,
  saveIdempotency,
} from '../../storage/idempotency.ts'
import { outcomeContext, seal, unseal } from '../access/index.ts'

/** A write with an Idempotency-Key. */
export interface OnceRequest {
  /** The workspace of the caller, in which the key is unique per dialect. */
  workspaceId: number
  dialect: string
  operation: string
  /** The header's value. */
  key: string
  /** The request that the key belongs to, as text. */
  body: string
}

/** Runs work in one transaction, under the Idempotency-Key of its request where that has one. */
export type RunOnce = InTransaction

/** What a stored outcome has as its status: the HTTP answer is made of the outcome, each time. */
const STORED_STATUS = 200

/**
 * Runs an administrative write in one transaction and keeps its outcome under the request's Idempotency-Key: the same
 * request again gets that outcome and writes nothing. Outcomes are sealed, because they may hold a secret that is
 * shown once.
 * @param request undefined when the caller sent no key; then nothing is kept
 * @param work gives what survives JSON unchanged
 * @throws CDP_IDEMPOTENCY_MISMATCH CDP_IDEMPOTENCY_IN_FLIGHT, and what `work` throws; then nothing is kept
 */
export async function runOnce<Outcome>(
  db: Database,
  secretKey: Buffer | undefined,
  request: OnceRequest | undefined,
  work: (tx: Transaction) => Promise<Outcome>,
): Promise<Outcome> {
  if (request === undefined) return guarded(() => inTransaction(db.background, work))
  if (secretKey === undefined)
    throw new CdpError('CDP_INVARIANT_BROKEN', { cause: 'no key to seal an outcome' })
  return guarded(() => inTransaction(db.background, (tx) => runKept(tx, secretKey, request, work)))
}

/** Gives each request its way of running a write: {@link runOnce} over one database. */
export function openOnce(
  db: Database,
  secretKey: Buffer | undefined,
): (request: OnceRequest | undefined) => RunOnce {
  return (request) => (work) => runOnce(db, secretKey, request, work)
}

/** As the ingest path hashes them: one key of a workspace belongs to one request, whichever way that goes. */
function hashesOf({ dialect, operation, key, body }: OnceRequest): { keyHash: Buffer; bodyHash: Buffer } {
  return { keyHash: sha256Of('idempotency', dialect, key), bodyHash: sha256Of(operation, body) }
}

/**
 * Whether this very request was answered before, on either path. What it had to find then may be gone by now, because it did
 * what it was for: whoever checks something before a write asks this first.
 */
export async function isAnswered(db: Database, request: OnceRequest): Promise<boolean> {
  const { keyHash, bodyHash } = hashesOf(request)
  const key = { workspaceId: request.workspaceId, keyHash }
  const [stored] = await guarded(() => findIdempotency(db.general, [key], now()))
  return stored?.bodyHash.equals(bodyHash) ?? false
}

async function runKept<Outcome>(
  tx: Transaction,
  secretKey: Buffer,
  request: OnceRequest,
  work: (tx: Transaction) => Promise<Outcome>,
): Promise<Outcome> {
  const { workspaceId } = request
  const { keyHash, bodyHash } = hashesOf(request)
  const context = outcomeContext(workspaceId, keyHash.toString('hex'))
  if (!(await lockIdempotency(tx, workspaceId, keyHash))) throw new CdpError('CDP_IDEMPOTENCY_IN_FLIGHT')
  const [stored] = await findIdempotency(tx, [{ workspaceId, keyHash }], now())
  if (stored && !stored.bodyHash.equals(bodyHash)) throw new CdpError('CDP_IDEMPOTENCY_MISMATCH')
  if (stored)
    return JSON.parse(
      unseal(stored.sealedAnswer ?? Buffer.alloc(0), context, secretKey).toString(),
    ) as Outcome
  const outcome = await work(tx)
  const sealedAnswer = seal(Buffer.from(JSON.stringify(outcome)), context, secretKey)
  const expiresAt = now() + IDEMPOTENCY_KEPT_MS
  const row = { workspaceId, keyHash, bodyHash, status: STORED_STATUS, answer: '', sealedAnswer, expiresAt }
  if (!(await saveIdempotency(tx, [row]))) throw new CdpError('CDP_IDEMPOTENCY_IN_FLIGHT')
  return outcome
}
