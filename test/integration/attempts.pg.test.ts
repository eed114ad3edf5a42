import { availableParallelism } from 'node:os'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import {
  addressSubject,
  forgetAttempts,
  hashPassword,
  openAttempts,
  verifyPassword,
} from '../../src/core/access/index.ts'
import type { AttemptKey } from '../../src/core/access/index.ts'
import { DAY_MS, useClock } from '../../src/lib/time.ts'
import { CdpError } from '../../src/model/errors.ts'
import { countOf, openTestDatabase } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'

let database: TestDatabase
let time = Date.UTC(2026, 0, 1)
let restoreClock = (): void => undefined

beforeAll(async () => {
  database = await openTestDatabase()
})

afterEach(() => restoreClock())

afterAll(() => database.close())

/** How many seconds the next attempt must wait; 0 when it was counted. */
const waitOf = async (...keys: AttemptKey[]): Promise<number> =>
  openAttempts(database.db)
    .take(...keys)
    .then(
      () => 0,
      (error: unknown) => {
        if (!(error instanceof CdpError) || error.code !== 'CDP_ATTEMPTS_BLOCKED') throw error
        return error.retryAfterSeconds ?? -1
      },
    )

const holdClock = (): void => {
  restoreClock = useClock(() => time)
}

it('five failures are free, then each costs twice the time, up to fifteen minutes', async () => {
  holdClock()
  const key = { purpose: 'test', subject: 'delays' }
  for (let failure = 1; failure <= 5; failure++) expect(await waitOf(key)).toBe(0)
  const waits: number[] = []
  for (let failure = 6; failure <= 17; failure++) {
    expect(await waitOf(key)).toBe(0)
    const wait = await waitOf(key)
    waits.push(wait)
    time += wait * 1000 - 1
    expect(await waitOf(key)).toBe(1)
    time += 1
  }
  expect(waits).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900])
})

it('many attempts at once are counted one by one', async () => {
  holdClock()
  const key = { purpose: 'test', subject: 'at once' }
  const waits = await Promise.all(Array.from({ length: 50 }, () => waitOf(key)))
  expect(waits.filter((wait) => wait === 0)).toHaveLength(6)
})

it('an attempt that began earlier and is counted later is not refused while failures are free', async () => {
  holdClock()
  const key = { purpose: 'test', subject: 'out of order' }
  expect(await waitOf(key)).toBe(0)
  time -= 50
  expect(await waitOf(key)).toBe(0)
  time += 50
  for (let failure = 3; failure <= 6; failure++) expect(await waitOf(key)).toBe(0)
  time -= 50
  expect(await waitOf(key)).toBe(3)
  time += 50
})

it('a success forgets the account and takes only its own attempt back from the address', async () => {
  holdClock()
  const attempts = openAttempts(database.db)
  const account = { purpose: 'test', subject: 'account' }
  const address = { purpose: 'test-address', subject: '192.0.2.1' }
  for (let failure = 1; failure <= 5; failure++) await attempts.take(account, address)
  await attempts.take(account, address)
  await attempts.clear(account)
  await attempts.giveBack(address)
  expect(await waitOf(account)).toBe(0)
  expect(await waitOf(address)).toBe(0)
  expect(await waitOf(address)).toBe(2)
})

it('a key that is blocked leaves the others uncounted', async () => {
  holdClock()
  const blocked = { purpose: 'test', subject: 'blocked', free: 0 }
  const other = { purpose: 'test', subject: 'other', free: 0 }
  expect(await waitOf(blocked)).toBe(0)
  expect(await waitOf(blocked)).toBe(0)
  expect(await waitOf(blocked, other)).toBeGreaterThan(0)
  expect(await waitOf(other)).toBe(0)
})

it('the same subject of another purpose or workspace is another key', async () => {
  holdClock()
  const keys = [
    { purpose: 'one', subject: 'x', free: 1 },
    { purpose: 'two', subject: 'x', free: 1 },
    { purpose: 'one', subject: 'x', workspaceId: 1, free: 1 },
  ]
  for (const key of keys) expect(await waitOf(key)).toBe(0)
})

it('failures are forgotten after a day, and their rows deleted', async () => {
  holdClock()
  const key = { purpose: 'test', subject: 'yesterday' }
  for (let failure = 1; failure <= 6; failure++) await waitOf(key)
  expect(await waitOf(key)).toBe(2)
  time += DAY_MS
  for (let failure = 1; failure <= 5; failure++) expect(await waitOf(key)).toBe(0)
  expect(await waitOf(key)).toBe(0)
  time += DAY_MS + 1
  await forgetAttempts(database.db)
  expect(await countOf(database, 'select count(*) from attempt')).toBe(0)
})

it('an IPv6 customer is one address, whichever of its own it uses', () => {
  expect(addressSubject('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64')
  expect(addressSubject('2001:db8:1:2::6')).toBe('2001:db8:1:2::/64')
  expect(addressSubject('::1')).toBe('0:0:0:0::/64')
  expect(addressSubject('::ffff:192.0.2.1')).toBe('192.0.2.1')
  expect(addressSubject('192.0.2.1')).toBe('192.0.2.1')
})

it('a flood of password checks is refused beyond a bounded queue, and all that was taken is done', async () => {
  const stored = await hashPassword('correct horse battery')
  const checks = Array.from({ length: 100 }, () => verifyPassword('wrong', stored))
  const settled = await Promise.allSettled(checks)
  const refused = settled.filter(({ status }) => status === 'rejected')
  // Half of the cores hash, and 32 wait.
  const running = Math.max(1, Math.floor(availableParallelism() / 2))
  expect(refused).toHaveLength(100 - 32 - running)
  for (const each of refused)
    expect(each).toMatchObject({ reason: { code: 'CDP_OVERLOADED', retryAfterSeconds: 1 } })
  expect(await verifyPassword('correct horse battery', stored)).toBe(true)
})
