import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import type { Call, Harness } from '../contract/harness.ts'
import { useClock } from '../../src/lib/time.ts'
import { eventually } from './eventually.ts'

/** What the lists of the vendor give. */
export interface ContactPage {
  customers: { id: number; city: string }[]
  all: number
  matching: number
}

/** Three people of a city of their own: Anna and Ewa with an e-mail, and somebody without; by their ids. */
export interface Trio {
  city: string
  anna: number
  ewa: number
  nobody: number
}

/** Segmentations of a test, and who is in them. */
export interface Segmentations {
  /** Calls an operation that must succeed. */
  answered<Body>(operation: string, sent?: Call, dialect?: string): Promise<Body>
  /** Makes a person of a city; without an e-mail unless there is one. @returns its id */
  live(city: string, more?: object): Promise<number>
  /** The definition of who lives in a city. */
  inCity(city: string): object
  people(): Promise<Trio>
  makeLocal(body: object, recognized?: string): Promise<string>
  /** A segment of the native API whose members are kept by now. */
  makeNamed(city: string, size: number): Promise<string>
}

/** Opens them over a harness, which a test opens later. */
export function openSegmentations(harnessOf: () => Harness): Segmentations {
  const answered: Segmentations['answered'] = async <Body>(
    operation: string,
    sent: Call = {},
    dialect = 'synerise',
  ) => {
    const reply = await harnessOf().call(dialect, operation, sent)
    expect(reply.status, reply.text).toBeLessThan(300)
    return reply.body as Body
  }
  const live: Segmentations['live'] = async (city, more = {}) => {
    const identifiers = [{ kind: 'userId', value: randomUUID() }]
    const body = { items: [{ identifiers, attributes: { city, ...more } }] }
    const { items } = await answered<{ items: { profileId: number }[] }>('write-profiles', { body }, 'native')
    return items[0]!.profileId
  }
  const inCity = (city: string): object => ({
    type: 'attribute',
    name: 'city',
    operator: 'equals',
    value: city,
  })
  return {
    answered,
    live,
    inCity,
    people: async () => {
      const city = randomUUID()
      const anna = await live(city, { firstName: 'Anna', email: `a-${city}@example.com`, gender: 'female' })
      const ewa = await live(city, { firstName: 'Ewa', email: `e-${city}@example.com`, plan: 'gold' })
      const nobody = await live(city)
      await live(randomUUID())
      return { city, anna, ewa, nobody }
    },
    makeLocal: (body, recognized) =>
      answered<string>('create-local-segmentation', { body, ...(recognized && { query: { recognized } }) }),
    makeNamed: async (city, size) => {
      const body = { name: randomUUID(), definition: inCity(city) }
      const { id } = await answered<{ id: string }>('create-segment', { body }, 'native')
      const isReady = async (): Promise<void> => {
        const segment = await answered('get-segment', { params: { segmentId: id } }, 'native')
        expect(segment).toMatchObject({ state: 'ready', size })
      }
      await eventually(isReady)
      return id
    },
  }
}

/** Puts the clock forward; returns what puts it back. Keys, unlike tokens, do not mind. */
export function passHours(hours: number): () => void {
  const at = Date.now() + hours * 3_600_000
  return useClock(() => at)
}

/** Whom a page shows. */
export function idsIn({ customers }: Pick<ContactPage, 'customers'>): number[] {
  return customers.map(({ id }) => id)
}
