import { openProfiles } from '../src/core/profiles/index.ts'
import type { ProfileQuery, Profiles } from '../src/core/profiles/index.ts'
import { DEFAULT_SETTINGS } from '../src/core/workspaces/index.ts'
import type { Workspace } from '../src/model/workspace.ts'
import type { Database } from '../src/storage/db.ts'
import { row } from './rows.ts'
import type { Row } from './rows.ts'

/** Profiles that the lists are of. */
const PROFILES = 1_000_000

/** What people wait for without noticing, milliseconds. */
const PAGE_MS_MAX = 100

/** A page so deep that nobody turns to it by hand, milliseconds. */
const DEEP_MS_MAX = 1_000

/** An irreversible act may take a moment, milliseconds. */
const MERGE_MS_MAX = 200

const WORKSPACE: Workspace = {
  id: 77,
  guid: '3f1d2c1e-0f0e-4f2a-9c39-0c5f3c1d2e77',
  name: 'Lists',
  settings: DEFAULT_SETTINGS,
}

/** Lists, searches, totals, suggestions and merges over a million profiles that lie in the database as ingest leaves them. */
export async function benchLists(db: Database): Promise<Row[]> {
  await seedProfiles(db)
  await seedMerges(db)
  const profiles = openProfiles(db)
  return [...(await benchPages(profiles)), await benchMerges(profiles)]
}

/** First names are common (one in eight), last names rare (one in 30,011), nine of ten have an e-mail, six of seven did something. */
async function seedProfiles(db: Database): Promise<void> {
  const first = `(array['Anna','Jan','Maria','Piotr','Katarzyna','Tomasz','Agnieszka','Pawel'])[1 + i % 8]`
  const last = `initcap(left(translate(md5((i % 30011)::text), '0123456789', 'ghijklmnop'), 9))`
  const statements = [
    `insert into profile (workspace_id, profile_id, version, attributes, created_at, updated_at)
     select ${WORKSPACE.id}, i, 1, jsonb_strip_nulls(jsonb_build_object('firstName', ${first}, 'lastName', ${last},
              'city', (array['Warszawa','Krakow','Gdansk','Lodz','Poznan'])[1 + i % 5],
              'email', case when i % 10 > 0 then 'user' || i || '@example.com' end)),
            now() - ((${PROFILES} - i) || ' seconds')::interval, now()
       from generate_series(1, ${PROFILES}) i`,
    `insert into profile_search (workspace_id, profile_id, created_at, first_name, last_name, email, city, search_text)
     select workspace_id, profile_id, created_at, lower(attributes ->> 'firstName'), lower(attributes ->> 'lastName'),
            attributes ->> 'email', lower(attributes ->> 'city'),
            lower(concat_ws(' ', '', attributes ->> 'firstName', attributes ->> 'lastName', attributes ->> 'email'))
       from profile where workspace_id = ${WORKSPACE.id}`,
    `insert into profile_activity (workspace_id, profile_id, last_activity_at)
     select ${WORKSPACE.id}, i, now() - (((i::bigint * 7919) % 1000003) || ' seconds')::interval
       from generate_series(1, ${PROFILES}) i where i % 7 > 0`,
    'vacuum analyze profile',
    'vacuum analyze profile_search',
    'vacuum analyze profile_activity',
  ]
  for (const statement of statements) await db.background.query(statement)
}

/** Merges that are measured, profiles of each, and events of each profile. */
const MERGES = 5
const MERGED = 20
const EVENTS_OF_EACH = 5_000

const MERGE_FROM = PROFILES + 1

async function seedMerges(db: Database): Promise<void> {
  const last = MERGE_FROM + MERGES * (MERGED + 1) - 1
  await db.background.query(
    `insert into profile (workspace_id, profile_id, version, attributes, created_at, updated_at)
     select ${WORKSPACE.id}, i, 1, jsonb_build_object('place', i), now(), now() from generate_series(${MERGE_FROM}, ${last}) i`,
  )
  await db.background.query(
    `insert into identifier (workspace_id, kind, value, profile_id, source, first_seen_at, is_primary)
     select ${WORKSPACE.id}, 1, 'merge-' || i, i, 'bench', now(), true from generate_series(${MERGE_FROM}, ${last}) i`,
  )
  await db.background.query(
    `insert into event (workspace_id, profile_id, event_id, occurred_at, received_at, origin_profile_id, name, source, properties)
     select ${WORKSPACE.id}, p, gen_random_uuid(), now() - (e || ' seconds')::interval, now(), p, 'seen', 'bench', '{}'
       from generate_series(${MERGE_FROM}, ${last}) p, generate_series(1, ${EVENTS_OF_EACH}) e`,
  )
}

type Where = ProfileQuery['where']

const PAGE = 25

/** The 400th page of as many. */
const FAR = 399 * PAGE

const ROUNDS = 20

async function benchPages(profiles: Profiles): Promise<Row[]> {
  const list = (where: Where, by: ProfileQuery['sort']['by'], offset: number) => () =>
    profiles.list(WORKSPACE, { where, sort: { by, order: 'desc' }, page: { limit: PAGE, offset } })
  const page = async (name: string, work: (round: number) => Promise<unknown>, most = PAGE_MS_MAX) =>
    row(`${name}, p95`, await p95(work), 'ms', { most })
  const common = { search: 'anna' }
  return [
    await page('list by last name, first page', list({}, 'lastName', 0)),
    await page('list by last name, 400th page', list({}, 'lastName', FAR)),
    await page('list by activity, 400th page', list({}, 'lastActivityAt', FAR)),
    await page('list of anonymous, 400th page', list({ hasEmail: false }, 'createdAt', FAR)),
    await page('list, offset 500,000', list({}, 'lastActivityAt', 500_000), DEEP_MS_MAX),
    await page('search of a common word, first page', list(common, 'createdAt', 0)),
    await page('search of a common word, 400th page', list(common, 'createdAt', FAR)),
    await page('search of two letters, first page', list({ search: 'xq' }, 'createdAt', 0)),
    await page('search of a rare word', (round) =>
      list({ search: `user${123_457 + round * 7_919}@` }, 'createdAt', 0)(),
    ),
    await page('total of a common word', () => profiles.count(WORKSPACE, common)),
    await page('suggestions', (round) =>
      profiles.suggest(WORKSPACE, { attribute: 'lastName', prefix: PREFIXES[round % 4] ?? '', limit: 10 }),
    ),
  ]
}

const PREFIXES = ['a', 'be', 'cha', 'dnop'] as const

async function benchMerges(profiles: Profiles): Promise<Row> {
  const slowest = await p95((round) => {
    const winnerId = MERGE_FROM + round * (MERGED + 1)
    const loserIds = Array.from({ length: MERGED }, (_, place) => winnerId + 1 + place)
    const event = { name: 'client.merge', source: 'synerise' }
    return profiles.merge({ workspace: WORKSPACE, loserIds, winnerId, by: 'bench', event })
  }, MERGES)
  return row('merge of 20 profiles with 100,000 events, p95', slowest, 'ms', { most: MERGE_MS_MAX })
}

/** The 95th of a hundred times that work takes, milliseconds; the first one, which meets cold caches, is among them. */
async function p95(work: (round: number) => Promise<unknown>, rounds = ROUNDS): Promise<number> {
  const times: number[] = []
  for (let round = 0; round < rounds; round++) {
    const startedMs = performance.now()
    await work(round)
    times.push(performance.now() - startedMs)
  }
  return times.toSorted((a, b) => a - b)[Math.ceil(rounds * 0.95) - 1] ?? 0
}
