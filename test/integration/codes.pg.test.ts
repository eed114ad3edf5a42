import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { forgetCodes, openCodes } from '../../src/core/codes/index.ts'
import type { Codes, IssueRequest, IssuedCode } from '../../src/core/codes/index.ts'
import { DAY_MS, now, useClock } from '../../src/lib/time.ts'
import { NO_WORKSPACE } from '../../src/model/message.ts'
import { inTransaction } from '../../src/storage/db.ts'
import type { Transaction } from '../../src/storage/db.ts'
import { countOf, openTestDatabase, rowsOf } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'

let database: TestDatabase
let codes: Codes
let count = 0

beforeAll(async () => {
  database = await openTestDatabase()
  codes = openCodes({ db: database.db, secretKey: Buffer.alloc(32, 7) })
})

afterAll(() => database.close())

const inTx = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> =>
  inTransaction(database.db.general, work)

const fresh = (changes: Partial<IssueRequest> = {}): IssueRequest => ({
  workspaceId: 1,
  purpose: 'password-reset',
  subject: `person ${++count}`,
  payload: { profileId: 7 },
  lifeSeconds: 600,
  form: 'link',
  ...changes,
})

const issue = (request: IssueRequest): Promise<IssuedCode> => inTx((tx) => codes.issue(tx, request))

const link = ({ workspaceId, purpose }: IssueRequest, secret: string) => ({ workspaceId, purpose, secret })

const typed = ({ workspaceId, purpose, subject }: IssueRequest, secret: string) => ({
  workspaceId,
  purpose,
  subject,
  secret,
})

const consumeLink = (request: IssueRequest, secret: string) =>
  inTx((tx) => codes.consumeLink(tx, link(request, secret)))

const consumeTyped = (request: IssueRequest, secret: string) =>
  inTx((tx) => codes.consumeTyped(tx, typed(request, secret)))

/** A code of the form that is not the given one. */
const wrongOf = (secret: string): string => (secret.startsWith('9') ? '3' : '9') + secret.slice(1)

const INVALID = { code: 'CDP_CODE_INVALID' }

describe('a link', () => {
  it('can be looked at as often as a scanner likes, and is used once', async () => {
    const request = fresh()
    const { secret, expiresAt } = await issue(request)
    const expected = { workspaceId: 1, subject: request.subject, payload: { profileId: 7 }, expiresAt }
    expect(await codes.peek(link(request, secret))).toEqual(expected)
    expect(await codes.peek({ purpose: request.purpose, secret })).toEqual(expected)
    expect(await consumeLink(request, secret)).toEqual(expected)
    await expect(consumeLink(request, secret)).rejects.toMatchObject(INVALID)
    await expect(codes.peek(link(request, secret))).rejects.toMatchObject(INVALID)
  })

  it('opens nothing of another workspace or purpose', async () => {
    const request = fresh()
    const { secret } = await issue(request)
    for (const other of [
      { ...request, workspaceId: 2 },
      { ...request, purpose: 'activation' },
    ]) {
      await expect(codes.peek(link(other, secret))).rejects.toMatchObject(INVALID)
      await expect(consumeLink(other, secret)).rejects.toMatchObject(INVALID)
    }
    expect((await consumeLink(request, secret)).subject).toBe(request.subject)
  })

  it('says that it has expired, and is unknown once it is forgotten', async () => {
    const request = fresh({ lifeSeconds: 60 })
    const { secret, expiresAt } = await issue(request)
    const restore = useClock(() => expiresAt)
    try {
      await expect(codes.peek(link(request, secret))).rejects.toMatchObject({ code: 'CDP_CODE_EXPIRED' })
      await expect(consumeLink(request, secret)).rejects.toMatchObject({ code: 'CDP_CODE_EXPIRED' })
    } finally {
      restore()
    }
    const later = useClock(() => expiresAt + DAY_MS + 1)
    try {
      await forgetCodes(database.db)
    } finally {
      later()
    }
    await expect(codes.peek(link(request, secret))).rejects.toMatchObject(INVALID)
  })

  it('was not used when the transaction is rolled back', async () => {
    const request = fresh({ workspaceId: NO_WORKSPACE })
    const { secret } = await issue(request)
    const refused = inTx(async (tx) => {
      await codes.consumeLink(tx, link(request, secret))
      throw new Error('the password was too short')
    })
    await expect(refused).rejects.toThrow('too short')
    expect((await consumeLink(request, secret)).workspaceId).toBe(NO_WORKSPACE)
  })

  it('is used by one of many who come at once', async () => {
    const request = fresh()
    const { secret } = await issue(request)
    const all = await Promise.allSettled(Array.from({ length: 12 }, () => consumeLink(request, secret)))
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })
})

describe('a code', () => {
  test.each(['link', 'pin', 'sms'] as const)(
    'of the form %s is ended by a newer one of its purpose',
    async (form) => {
      const request = fresh({ form })
      const older = await issue(request)
      const newer = await issue(request)
      const consume = form === 'link' ? consumeLink : consumeTyped
      if (older.secret !== newer.secret)
        await expect(consume(request, older.secret)).rejects.toMatchObject(INVALID)
      expect((await consume(request, newer.secret)).subject).toBe(request.subject)
    },
  )

  it('that was ended opens nothing', async () => {
    const request = fresh()
    const { secret } = await issue(request)
    await inTx((tx) => codes.end(tx, request))
    await expect(codes.peek(link(request, secret))).rejects.toMatchObject(INVALID)
  })

  it('is nowhere in the database', async () => {
    const secrets = []
    for (const form of ['link', 'pin', 'sms'] as const) secrets.push((await issue(fresh({ form }))).secret)
    const rows = await rowsOf<{ text: string }>(
      database,
      'select subject || payload::text || purpose || encode(secret_hash, $1) || encode(salt, $1) as text from one_time_code',
      ['escape'],
    )
    for (const secret of secrets) expect(rows.filter(({ text }) => text.includes(secret))).toEqual([])
  })
})

describe.each(['pin', 'sms'] as const)('a typed code of the form %s', (form) => {
  it('is used once, however it is spaced and in whatever letter case', async () => {
    const request = fresh({ form })
    const { secret } = await issue(request)
    const spaced = ` ${secret.slice(0, 3)} ${secret.slice(3)} `.toLowerCase()
    expect((await consumeTyped(request, spaced)).payload).toEqual({ profileId: 7 })
    await expect(consumeTyped(request, secret)).rejects.toMatchObject(INVALID)
  })

  it('is worth nothing after five wrong tries, though each was rolled back', async () => {
    const request = fresh({ form })
    const { secret } = await issue(request)
    for (let tries = 0; tries < 5; tries++)
      await expect(consumeTyped(request, wrongOf(secret))).rejects.toMatchObject(INVALID)
    const exhausted = { code: 'CDP_CODE_TRIES_EXHAUSTED' }
    await expect(consumeTyped(request, secret)).rejects.toMatchObject(exhausted)
    await expect(consumeTyped(request, wrongOf(secret))).rejects.toMatchObject(exhausted)
  })

  it('still opens with the fifth try', async () => {
    const request = fresh({ form })
    const { secret } = await issue(request)
    for (let tries = 0; tries < 4; tries++)
      await expect(consumeTyped(request, wrongOf(secret))).rejects.toMatchObject(INVALID)
    expect((await consumeTyped(request, secret)).subject).toBe(request.subject)
  })

  it('gives no more tries to many who guess at once', async () => {
    const request = fresh({ form })
    const { secret } = await issue(request)
    await Promise.allSettled(
      Array.from({ length: 30 }, async () => consumeTyped(request, wrongOf(secret)).catch(() => undefined)),
    )
    const [row] = await rowsOf<{ tries: number }>(
      database,
      'select tries from one_time_code where subject = $1',
      [request.subject],
    )
    expect(row?.tries).toBeGreaterThanOrEqual(1)
    for (let tries = row?.tries ?? 0; tries < 5; tries++)
      await expect(consumeTyped(request, wrongOf(secret))).rejects.toMatchObject(INVALID)
    await expect(consumeTyped(request, secret)).rejects.toMatchObject({ code: 'CDP_CODE_TRIES_EXHAUSTED' })
  })

  it('that is not there or has expired answers like a wrong one', async () => {
    const request = fresh({ form, lifeSeconds: 60 })
    await expect(consumeTyped(request, '123456')).rejects.toMatchObject(INVALID)
    const { secret, expiresAt } = await issue(request)
    const restore = useClock(() => expiresAt)
    try {
      await expect(consumeTyped(request, secret)).rejects.toMatchObject(INVALID)
    } finally {
      restore()
    }
  })

  it('opens nothing for another person, purpose or workspace, and is no link', async () => {
    const request = fresh({ form })
    const { secret } = await issue(request)
    await issue({ ...request, subject: `other of ${request.subject}` })
    for (const other of [
      { ...request, subject: `other of ${request.subject}` },
      { ...request, purpose: 'activation' },
      { ...request, workspaceId: 2 },
    ])
      await expect(consumeTyped(other, secret)).rejects.toMatchObject(INVALID)
    await expect(codes.peek(link(request, secret))).rejects.toMatchObject(INVALID)
    expect((await consumeTyped(request, secret)).expiresAt).toBeGreaterThan(now())
  })
})

it('a try is counted while every connection of the caller has a transaction open', async () => {
  const request = fresh({ form: 'pin' })
  const { secret } = await issue(request)
  const tries = Array.from({ length: 4 }, async () => consumeTyped(request, secret))
  const settled = await Promise.allSettled(tries)
  expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  expect(
    await countOf(database, 'select count(*) from one_time_code where subject = $1 and used_at is not null', [
      request.subject,
    ]),
  ).toBe(1)
})
