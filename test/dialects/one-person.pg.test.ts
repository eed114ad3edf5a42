import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dialects } from '../../src/dialects/index.ts'
import { openHarness } from '../contract/harness.ts'
import type { Harness, Reply } from '../contract/harness.ts'
import { openTestDatabase } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import { SENDERS } from '../setup/senders.ts'
import type { Person, Way } from '../setup/senders.ts'

let database: TestDatabase
let harness: Harness

beforeAll(async () => {
  database = await openTestDatabase()
  harness = await openHarness(database.db)
})

afterAll(async () => {
  await harness.close()
  await database.close()
})

/** One request about a person: through which dialect, what, and by what the person is named. */
interface Write {
  dialect: string
  what: 'profile' | 'event'
  way: Way
}

const vendors = Object.keys(SENDERS)

type What = Write['what']

const waysOf = (dialect: string, what: What): readonly Way[] => SENDERS[dialect]?.ways[what] ?? []

const writeOf = (dialect: string, what: What, mayBe = (_way: Way): boolean => true): fc.Arbitrary<Write> =>
  fc.constantFrom(...waysOf(dialect, what).filter(mayBe)).map((way) => ({ dialect, what, way }))

const anyWhat = fc.constantFrom<What>('profile', 'event')

const anyWrite = fc
  .tuple(fc.constantFrom(...vendors), anyWhat)
  .chain(([dialect, what]) => writeOf(dialect, what))

const oneOfEach = fc.tuple(
  ...vendors.flatMap((dialect) => [writeOf(dialect, 'profile'), writeOf(dialect, 'event')]),
)

/** Who may tie an id to contacts: whatever was known of them before, it is stored. */
const tying = vendors.filter((dialect) => waysOf(dialect, 'profile').includes('both'))

/** Profile writes with the id and the contacts, through any dialect. Only one of them takes a phone number. */
const ties = fc.constantFrom(...tying).map((dialect): Write[] => [
  { dialect, what: 'profile', way: 'both' },
  { dialect: 'yotpo', what: 'profile', way: 'both' },
])

/** Every write of a person in some order, cut into groups whose members are sent at once. */
const anyHistory = fc
  .tuple(oneOfEach, ties, fc.array(anyWrite, { maxLength: 6 }))
  .map((parts): Write[] => parts.flat())
  .chain((writes) => fc.shuffledSubarray(writes, { minLength: writes.length }))
  .chain((writes) =>
    fc.record({ writes: fc.constant(writes), groupSize: fc.integer({ min: 1, max: writes.length }) }),
  )

const somebody = (): Person => {
  const unique = randomUUID()
  const digits = String(parseInt(unique.slice(0, 12), 16))
    .slice(0, 9)
    .padStart(9, '1')
  return { userId: unique, email: `${unique}@example.com`, phone: `+3538${digits}` }
}

async function send(person: Person, { dialect, what, way }: Write): Promise<Reply> {
  const sender = SENDERS[dialect]
  if (!sender) throw new Error(`nobody sends as ${dialect}`)
  const { operation, body } = sender[what](person, way)
  const reply = await harness.call(dialect, operation, { body })
  expect(reply.status, `${dialect} ${operation}: ${reply.text}`).toBeLessThan(300)
  return reply
}

interface Shown {
  id: number
  attributes: Record<string, unknown>
  consents: { channel: string; state: string }[]
}

async function find(kind: string, value: string): Promise<Shown> {
  const reply = await harness.call('native', 'lookup-profile', { query: { kind, value } })
  expect(reply.status, reply.text).toBe(200)
  return reply.body as Shown
}

async function sourcesOf(profileId: number): Promise<string[]> {
  const reply = await harness.call('native', 'list-events', {
    params: { profileId: String(profileId) },
    query: { limit: '100' },
  })
  return (reply.body as { items: { source: string }[] }).items.map(({ source }) => source).toSorted()
}

describe('one person', () => {
  it('has a sender for every vendor', () => {
    const spoken = dialects.map(({ name }) => name).filter((name) => name !== 'native')
    expect(vendors.toSorted()).toEqual(spoken.toSorted())
  })

  it('written through every dialect in any order is one profile with everything', async () => {
    await fc.assert(
      fc.asyncProperty(anyHistory, async ({ writes, groupSize }) => {
        const person = somebody()
        for (let start = 0; start < writes.length; start += groupSize)
          await Promise.all(writes.slice(start, start + groupSize).map((write) => send(person, write)))
        const profile = await find('userId', person.userId)
        expect((await find('email', person.email)).id).toBe(profile.id)
        expect((await find('phone', person.phone)).id).toBe(profile.id)
        expect(profile.attributes).toMatchObject({
          firstName: 'Ana',
          email: person.email,
          ...Object.fromEntries(vendors.map((dialect) => [`by_${dialect}`, 'yes'])),
        })
        expect(profile.consents).toContainEqual(
          expect.objectContaining({ channel: 'email', state: 'granted' }),
        )
        const sent = writes.filter(({ what }) => what === 'event').map(({ dialect }) => dialect)
        const sources = await sourcesOf(profile.id)
        expect(sources).toEqual(sent.toSorted())
        expect(new Set(sources)).toEqual(new Set(vendors))
      }),
      { numRuns: 40 },
    )
  })
})

describe('two people', () => {
  const anyShare = fc
    .tuple(fc.constantFrom(...vendors), anyWhat)
    .chain(([dialect, what]) => writeOf(dialect, what, (way) => way !== 'phone'))
    .chain((write) => fc.constantFrom('first' as const, 'second' as const).map((who) => ({ ...write, who })))

  it('who share an e-mail are never one profile, whichever dialects say it, in any order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyShare, { minLength: 1, maxLength: 10 }),
        fc.constantFrom(...tying),
        fc.constantFrom(...tying),
        fc.boolean(),
        async (shares, one, other, atOnce) => {
          const first = somebody()
          const people = { first, second: { ...somebody(), email: first.email } }
          const said = [
            ...shares,
            { dialect: one, what: 'profile', way: 'both', who: 'first' } as const,
            { dialect: other, what: 'profile', way: 'both', who: 'second' } as const,
          ]
          const sendShare = (share: (typeof said)[number]): Promise<Reply> => send(people[share.who], share)
          if (atOnce) await Promise.all(said.map(sendShare))
          else for (const share of said) await sendShare(share)
          const found = [await find('userId', first.userId), await find('userId', people.second.userId)]
          expect(found[0]?.id).not.toBe(found[1]?.id)
          expect(found.map(({ id }) => id)).toContain((await find('email', first.email)).id)
        },
      ),
      { numRuns: 40 },
    )
  })
})
