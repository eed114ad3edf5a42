import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MAJORS, openTestDatabase, rowsOf } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import { id, makeCommand, makeUnit, makeWorkspace, openWritePath, userId } from '../setup/ingest.ts'
import type { WritePath } from '../setup/ingest.ts'
import { LEFT_BY_FREED_IDENTIFIERS, findBrokenIn } from '../setup/invariants.ts'
import { readPeople } from '../setup/people.ts'
import type { Json } from '../../src/lib/json.ts'
import type { Command, RawIdentifier } from '../../src/model/command.ts'
import type { Workspace } from '../../src/model/workspace.ts'
import type { Database } from '../../src/storage/db.ts'

/** A write, before it is a command: from few enough identifiers that they meet all the time. */
interface Write {
  identifiers: RawIdentifier[]
  attributes?: Record<string, Json>
  consent?: 'granted' | 'denied'
  isEvent: boolean
}

const anyNumber = fc.integer({ min: 0, max: 3 })
const anyUser = anyNumber.map((n) => userId(`u${n}`))
const anyEmail = anyNumber.map((n) => id('email', `e${n}@x.example`))
const anyPhone = anyNumber.map((n) => id('phone', `+35385000000${n}`))
const anyDevice = fc.oneof(
  anyNumber.map((n) => id('anonymousId', `a${n}`)),
  anyNumber.map((n) => id('deviceId', `d${n}`)),
)
const anyIdentifiers = fc.oneof(
  { weight: 3, arbitrary: anyUser.map((one) => [one]) },
  { weight: 2, arbitrary: anyDevice.map((one) => [one]) },
  { weight: 2, arbitrary: anyEmail.map((one) => [one]) },
  { weight: 2, arbitrary: fc.tuple(anyUser, anyEmail).map((two) => [...two]) },
  { weight: 2, arbitrary: fc.tuple(anyDevice, anyEmail).map((two) => [...two]) },
  { weight: 2, arbitrary: fc.tuple(anyUser, anyDevice).map((two) => [...two]) },
  { weight: 1, arbitrary: fc.tuple(anyUser, anyDevice, anyEmail).map((three) => [...three]) },
  { weight: 1, arbitrary: anyPhone.map((one) => [one]) },
  { weight: 2, arbitrary: fc.tuple(anyUser, anyPhone).map((two) => [...two]) },
  { weight: 1, arbitrary: fc.tuple(anyUser, anyEmail, anyPhone).map((three) => [...three]) },
)
const anyAttributes = fc.record(
  {
    color: fc.constantFrom<Json>('red', 'blue', null),
    size: fc.constantFrom<Json>(1, 2, [1, { a: null }]),
    email: fc.oneof(
      anyEmail.map(({ value }) => value),
      fc.constant(null),
    ),
  },
  { requiredKeys: [] },
)
const anyWrite: fc.Arbitrary<Write> = fc.record(
  {
    identifiers: anyIdentifiers,
    attributes: anyAttributes,
    consent: fc.constantFrom('granted', 'denied'),
    isEvent: fc.boolean(),
  },
  { requiredKeys: ['identifiers', 'isEvent'] },
)
const anyWrites = fc.array(anyWrite, { minLength: 1, maxLength: 14 })

describe.each(MAJORS)('identity on PostgreSQL %s', (major) => {
  let database: TestDatabase
  let otherDb: Database
  let path: WritePath
  let other: WritePath

  beforeAll(async () => {
    database = await openTestDatabase({ major })
    otherDb = database.openAnother()
    path = await openWritePath(database.db)
    other = await openWritePath(otherDb)
  })
  afterAll(async () => {
    await Promise.all([path.close(), other.close()])
    await otherDb.close()
    await database.close()
  })

  /** Of the whole database, so that a run is held to what it added: what an earlier run broke must not mislead the shrinking. */
  const brokenNow = () => findBrokenIn(database, LEFT_BY_FREED_IDENTIFIERS)

  test('does not depend on how the same writes are cut into requests and transactions', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyWrites,
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 14 }),
        async (writes, sizes) => {
          const broken = await brokenNow()
          const commands = writes.map(toCommand)
          const [oneByOne, atOnce, inParts, queued] = [
            makeWorkspace(),
            makeWorkspace(),
            makeWorkspace(),
            makeWorkspace(),
          ]
          for (const command of commands) await path.write(oneByOne, command)
          await path.submit(makeUnit(atOnce, commands))
          for (const part of cut(commands, sizes)) await path.submit(makeUnit(inParts, part))
          await Promise.all(commands.map((command) => path.write(queued, command)))
          const expected = [await readPeople(database, oneByOne), await changesOf(oneByOne)]
          for (const workspace of [atOnce, inParts, queued]) {
            expect([await readPeople(database, workspace), await changesOf(workspace)]).toEqual(expected)
          }
          expect(await brokenNow()).toEqual(broken)
          expect(path.failures).toEqual([])
        },
      ),
      { numRuns: 50 },
    )
  })

  test('leaves nothing dangling when two processes write the same people in any order', async () => {
    await fc.assert(
      fc.asyncProperty(anyWrites, anyWrites, async (left, right) => {
        const broken = await brokenNow()
        const workspace = makeWorkspace()
        const shown = await Promise.all([
          ...left.map((write, n) => path.write(workspace, toCommand(write, n))),
          ...right.map((write, n) => other.write(workspace, toCommand(write, n + 100))),
        ])
        expect(shown.every(({ ok }) => ok)).toBe(true)
        expect(await brokenNow()).toEqual(broken)
        const people = await readPeople(database, workspace)
        const events = people.flatMap((person) => person.events)
        expect(events.toSorted()).toEqual(eventNames(left, 0).concat(eventNames(right, 100)).toSorted())
        expect([...path.failures, ...other.failures]).toEqual([])
      }),
      { numRuns: 50 },
    )
  })

  test('loses no identifier in any order, but those that a rule frees', async () => {
    const anyKept = fc.oneof(
      anyDevice.map((one) => [one]),
      anyUser.map((one) => [one]),
      fc.tuple(anyUser, anyDevice).map((two) => [...two]),
      fc.tuple(anyDevice, anyUser).map((two) => [...two]),
    )
    const anyLinks = fc.tuple(anyDevice, anyDevice, anyDevice).map((three) => [...three])
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(anyKept, anyLinks), { minLength: 1, maxLength: 12 }),
        async (sets) => {
          const workspace = makeWorkspace()
          await Promise.all(
            sets.map((identifiers, n) =>
              (n % 2 ? path : other).write(workspace, makeCommand(identifiers, { event: {} })),
            ),
          )
          const written = new Set(sets.flat().map(({ kind, value }) => `${kind}:${value}`))
          const held = await rowsOf<{ count: number }>(
            database,
            `select count(*)::int as count from identifier i join profile p using (workspace_id, profile_id) where i.workspace_id = $1`,
            [workspace.id],
          )
          expect(held[0]?.count).toBe(written.size)
        },
      ),
      { numRuns: 40 },
    )
  })

  const contacts = [
    { contact: id('email', 'shared@x.example'), held: '2:shared@x.example*' },
    { contact: id('phone', '+353850000009'), held: '3:+353850000009*' },
  ]

  test.each(contacts)('never makes one profile of two userIds that share $contact.value', async (shared) => {
    const { contact, held } = shared
    // An e-mail identifies as an attribute too.
    const asAttributeOr = contact.kind === 'email' ? fc.boolean() : fc.constant(false)
    const anyShare = fc.tuple(anyNumber, asAttributeOr, fc.boolean())
    await fc.assert(
      fc.asyncProperty(fc.array(anyShare, { minLength: 2, maxLength: 12 }), async (writes) => {
        const workspace = makeWorkspace()
        await Promise.all(
          writes.map(([n, asAttribute, viaOther]) => {
            const who = asAttribute ? [userId(`u${n}`)] : [userId(`u${n}`), contact]
            return (viaOther ? other : path).write(
              workspace,
              makeCommand(who, {
                phoneIdentifies: true,
                ...(asAttribute && { attributes: { email: contact.value } }),
              }),
            )
          }),
        )
        const users = new Set(writes.map(([n]) => n))
        const people = await readPeople(database, workspace)
        expect(people).toHaveLength(users.size)
        expect(people.filter(({ identifiers }) => identifiers.includes(held))).toHaveLength(1)
        for (const { identifiers } of people)
          expect(identifiers.filter((one) => one.startsWith('1:'))).toHaveLength(1)
        await expectHeldNotices(
          workspace,
          writes.map(([n]) => n),
          people.length,
        )
      }),
      { numRuns: 40 },
    )
  })

  /** Every difference in the change log, in no order. */
  async function changesOf(workspace: Workspace): Promise<string[]> {
    const rows = await rowsOf<{ diff: string }>(
      database,
      'select diff::text as diff from profile_change where workspace_id = $1 order by 1',
      [workspace.id],
    )
    return rows.map(({ diff }) => diff)
  }

  /** Whoever did not get the e-mail has at least one entry in the ledger that says so. */
  async function expectHeldNotices(
    workspace: Workspace,
    writers: readonly number[],
    people: number,
  ): Promise<void> {
    const rows = await rowsOf<{ profiles: number; reasons: string[] }>(
      database,
      `select count(distinct profile_id)::int as profiles, array_agg(distinct reason) as reasons
         from rejection where workspace_id = $1`,
      [workspace.id],
    )
    if (people === 1) expect(rows[0]).toEqual({ profiles: 0, reasons: null })
    else expect(rows[0]).toEqual({ profiles: people - 1, reasons: ['contact_held'] })
    expect(new Set(writers).size).toBe(people)
  }
})

function toCommand({ identifiers, attributes, consent, isEvent }: Write, n: number): Command {
  return makeCommand(identifiers, {
    phoneIdentifies: true,
    ...(attributes && { attributes }),
    ...(consent && { consents: [{ channel: 'email', state: consent }] }),
    ...(isEvent && { event: { name: `event-${n}` } }),
  })
}

function eventNames(writes: readonly Write[], first: number): string[] {
  return writes.flatMap(({ isEvent }, n) => (isEvent ? [`event-${n + first}`] : []))
}

function cut(commands: readonly Command[], sizes: readonly number[]): Command[][] {
  const parts: Command[][] = []
  let start = 0
  for (const size of sizes) {
    if (start < commands.length) parts.push(commands.slice(start, start + size))
    start += size
  }
  return start < commands.length ? [...parts, commands.slice(start)] : parts
}
