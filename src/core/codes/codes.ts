import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { Json } from '../../lib/json.ts'
import { now } from '../../lib/time.ts'
import type { Instant } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import { guarded } from '../../storage/db.ts'
import type { Database, Queryable, Transaction } from '../../storage/db.ts'
import { countTry, endCode, findLink, saveCode, useCode } from '../../storage/one-time-codes.ts'
import type { CodeForm, CodePlace, CodeRow } from '../../storage/one-time-codes.ts'
import { SALT_BYTES, hashLink, hashTyped, newCode } from './secrets.ts'

/** A code that is to be made. */
export interface IssueRequest {
  /** `NO_WORKSPACE` for people who run the installation. */
  workspaceId: number
  /** What it opens, such as `password-reset`; a code never opens anything else. */
  purpose: string
  /** For whom, such as a profile's id or an address; a new code ends the older one of the same purpose and subject. */
  subject: string
  /** Given back to whoever uses it. */
  payload: Json
  lifeSeconds: number
  /** `link`: 43 characters for a URL. `pin`: 6 digits. `sms`: 5 characters, upper case. */
  form: CodeForm
}

/** A new code; the only time that its secret is seen. */
export interface IssuedCode {
  secret: string
  expiresAt: Instant
}

/** What a right code stands for. */
export interface OneTimeCode {
  workspaceId: number
  subject: string
  payload: Json
  expiresAt: Instant
}

/** The secret of a link; `workspaceId` undefined looks in all, for a page that knows nothing but the link. */
interface LinkSecret {
  workspaceId?: number
  purpose: string
  secret: string
}

/** What somebody typed. */
type TypedSecret = CodePlace & { secret: string }

/** One-time codes and links: stored as hashes, living for a while, used once. */
export interface Codes {
  /** Makes a code in the transaction of what it is for, and ends the older one. */
  issue(tx: Transaction, request: IssueRequest): Promise<IssuedCode>
  /**
   * What a link stands for, without using it up: mail scanners open every link before its reader does.
   * @throws CDP_CODE_INVALID CDP_CODE_EXPIRED
   */
  peek(link: LinkSecret): Promise<OneTimeCode>
  /**
   * Uses a link up; if the transaction is rolled back, it was not used.
   * @throws CDP_CODE_INVALID CDP_CODE_EXPIRED
   */
  consumeLink(tx: Transaction, link: LinkSecret): Promise<OneTimeCode>
  /**
   * Uses a typed code up. Each try is counted in a transaction of its own before anything is compared, so neither a
   * rollback of `tx` nor many tries at once give more than five. Not in the transaction that issued the code.
   * @throws CDP_CODE_INVALID also for one that is not there or has expired; CDP_CODE_TRIES_EXHAUSTED
   */
  consumeTyped(tx: Transaction, typed: TypedSecret): Promise<OneTimeCode>
  /** Ends a code that is no longer wanted. */
  end(tx: Transaction, place: CodePlace): Promise<void>
}

/** Five tries at a million codes: one in 200,000 for whoever guesses. */
const TRIES_MAX = 5

/** What the codes need. */
export interface CodesOptions {
  db: Database
  /** 32 bytes; another key makes every typed code that is out invalid. */
  secretKey: Buffer
}

/** Opens the one-time codes. */
export function openCodes({ db, secretKey }: CodesOptions): Codes {
  return {
    issue: (tx, request) => issue(tx, request, secretKey),
    peek: async (link) => show(await readLink(db.general, link)),
    consumeLink: async (tx, link) => use(tx, await readLink(tx, link)),
    consumeTyped: async (tx, typed) => use(tx, await readTyped(db, typed, secretKey)),
    end: endCode,
  }
}

async function issue(
  tx: Transaction,
  { lifeSeconds, ...request }: IssueRequest,
  secretKey: Buffer,
): Promise<IssuedCode> {
  const { form } = request
  const secret = newCode(form)
  const salt = randomBytes(SALT_BYTES)
  const secretHash = form === 'link' ? hashLink(secret) : hashTyped(secret, request, salt, secretKey)
  const createdAt = now()
  const expiresAt = createdAt + lifeSeconds * 1_000
  await saveCode(tx, { ...request, secretHash, salt, createdAt, expiresAt })
  return { secret, expiresAt }
}

/** Whoever has the secret of a link has had the link: it may be told that it came too late. */
async function readLink(db: Queryable, { workspaceId, purpose, secret }: LinkSecret): Promise<CodeRow> {
  const row = await guarded(() => findLink(db, hashLink(secret), purpose, workspaceId))
  if (!row || row.usedAt !== undefined) throw new CdpError('CDP_CODE_INVALID')
  if (row.expiresAt <= now()) throw new CdpError('CDP_CODE_EXPIRED')
  return row
}

/** On the pool of credentials: the caller's transaction may hold a connection of any other, and would wait for itself. */
async function readTyped(
  db: Database,
  { secret, ...place }: TypedSecret,
  secretKey: Buffer,
): Promise<CodeRow> {
  const row = await guarded(() => countTry(db.access, place))
  if (!row || row.usedAt !== undefined || row.expiresAt <= now()) throw new CdpError('CDP_CODE_INVALID')
  if (row.tries > TRIES_MAX) throw new CdpError('CDP_CODE_TRIES_EXHAUSTED')
  const isRight = timingSafeEqual(row.secretHash, hashTyped(secret, place, row.salt, secretKey))
  if (!isRight) throw new CdpError('CDP_CODE_INVALID')
  return row
}

async function use(tx: Transaction, row: CodeRow): Promise<OneTimeCode> {
  if (!(await useCode(tx, row, now()))) throw new CdpError('CDP_CODE_INVALID')
  return show(row)
}

function show({ workspaceId, subject, payload, expiresAt }: CodeRow): OneTimeCode {
  return { workspaceId, subject, payload, expiresAt }
}
