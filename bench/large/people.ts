import { uuidFromHash, sha256Of } from '../../src/lib/ids.ts'
import { DAY_MS, toRfc3339 } from '../../src/lib/time.ts'
import type { Instant } from '../../src/lib/time.ts'
import type { Workspace } from '../../src/model/workspace.ts'
import { DEFAULT_SETTINGS } from '../../src/core/workspaces/index.ts'

/** How many there are, and the instant at which the last event happened. */
export interface Scale {
  profiles: number
  events: number
  at: Instant
}

/** The workspace that all of them are in. */
export const WORKSPACE: Workspace = {
  id: 88,
  guid: '3f1d2c1e-0f0e-4f2a-9c39-0c5f3c1d2e88',
  name: 'Large',
  settings: { ...DEFAULT_SETTINGS, timezone: 'Europe/Warsaw' },
}

const DAYS = 90

/** Cities, of which the first has one profile in eight and the others fewer and fewer. */
export const CITIES = [
  'Warszawa',
  'Krakow',
  'Gdansk',
  'Lodz',
  'Poznan',
  'Wroclaw',
  'Torun',
  'Lublin',
] as const

/** Names of events with their shares of a hundred. */
const EVENT_SHARES = [
  ['page.visit', 37],
  ['product.view', 25],
  ['cart.add', 18],
  ['Order Completed', 12],
  ['newsletter.open', 8],
] as const

const EVENT_NAMES = EVENT_SHARES.flatMap(([name, share]) => Array.from({ length: share }, () => name))

/** A generator of the numbers 0 to 1 that gives the same ones for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Lines of COPY for the table of profiles; ids begin at 1. */
export function* profileLines({ profiles, at }: Scale): Generator<string> {
  const random = seededRandom(1)
  for (let id = 1; id <= profiles; id++) {
    const attributes = {
      userId: `user-${id}`,
      email: `user${id}@example.com`,
      firstName: `First${id % 997}`,
      city: CITIES[Math.floor(random() ** 2 * CITIES.length)],
      age: 18 + Math.floor(random() * 60),
      plan: random() < 0.2 ? 'pro' : 'free',
    }
    const createdAt = toRfc3339(at - Math.floor(random() * 2 * DAYS * DAY_MS))
    yield fields(WORKSPACE.id, id, 1, JSON.stringify(attributes), createdAt, toRfc3339(at))
  }
}

/** Lines of COPY for the identifiers of those profiles. */
export function* identifierLines({ profiles, at }: Scale): Generator<string> {
  for (let id = 1; id <= profiles; id++)
    yield fields(WORKSPACE.id, 1, `user-${id}`, id, 'bench', toRfc3339(at), 't')
}

/** Lines of COPY for the table of events, in the order in which they happened. */
export function* eventLines({ profiles, events, at }: Scale): Generator<string> {
  const random = seededRandom(2)
  for (let number = 0; number < events; number++) {
    const profileId = 1 + Math.floor(random() * profiles)
    const occurredAt = toRfc3339(at - Math.floor(DAYS * DAY_MS * (1 - (number + 1) / events)))
    const name = EVENT_NAMES[Math.floor(random() * EVENT_NAMES.length)] ?? ''
    const properties = {
      price: Math.floor(random() * 20_000) / 100,
      category: `category-${Math.floor(random() * 40)}`,
      page: `/p/${Math.floor(random() * 5_000)}`,
    }
    const eventId = uuidFromHash(sha256Of('bench', String(number)))
    const values = [WORKSPACE.id, profileId, eventId, occurredAt, occurredAt, profileId, name, 'bench']
    yield fields(...values, JSON.stringify(properties))
  }
}

/** Nothing in these values has a tab, a backslash or an end of line. */
function fields(...values: (string | number | undefined)[]): string {
  return `${values.join('\t')}\n`
}
