import { toRfc3339 } from '../../../src/lib/time.ts'
import type { Instant } from '../../../src/lib/time.ts'
import type { Json } from '../../../src/lib/json.ts'
import type { ConsentChannel, ConsentState } from '../../../src/model/attributes.ts'
import type { DeviceField } from '../../../src/model/segment.ts'
import { openPartitions } from '../../../src/storage/partitions.ts'
import type { TestDatabase } from '../database.ts'

/** An event of a person in memory. */
export interface WorldEvent {
  name: string
  at: Instant
  properties: Readonly<Record<string, Json>>
  /** By {@link eventIdOf}, once it is somebody's. */
  id?: string
}

/** The id of an event: by whom, and which of theirs. Ids decide the order of events at the same instant. */
export function eventIdOf(profileId: number, index: number): string {
  const digits = (number: number): string => String(number).padStart(4, '0')
  return `00000000-0000-4000-8000-${digits(profileId)}${digits(index)}0000`
}

/** One profile as it was written, whether it lives or was merged away. */
export interface Person {
  attributes: Readonly<Record<string, Json>>
  createdAt: Instant
  updatedAt: Instant
  /** Codes of the kinds of identifiers; a merged profile has none any more. */
  identifiers: readonly number[]
  tags: readonly string[]
  consents: readonly { channel: ConsentChannel; state: ConsentState; at: Instant }[]
  events: readonly WorldEvent[]
  devices: readonly Partial<Record<Exclude<DeviceField, 'type'>, string | number>>[]
  isCompany: boolean
  /** The place of a company, and when it was said. */
  relation: { company: number; at: Instant } | undefined
}

/** Who there is. The id of a person is its place and one. */
export interface World {
  people: readonly Person[]
  /** Place of the loser → place of the living survivor. */
  merges: ReadonlyMap<number, number>
}

/** Tags of every world; `gone` was removed, and `shared` belongs to the installation. */
export const TAGS = ['vip', "it's", 'gone', 'shared'] as const

/** Stores worlds, each in a workspace of its own. */
export async function openWorlds(
  database: TestDatabase,
): Promise<(workspaceId: number, world: World) => Promise<void>> {
  const partitions = await openPartitions(database.db.background)
  const insert = async (table: string, columns: string, rows: readonly object[]): Promise<void> => {
    await database.admin.query(
      `insert into ${table} (${columns}) select ${columns} from json_populate_recordset(null::${table}, $1::json)`,
      [JSON.stringify(rows)],
    )
  }
  const sharedTag = { workspace_id: 0, tag_id: 1, name: 'shared', created_at: toRfc3339(0), color: '#000000' }
  await insert('tag', Object.keys(sharedTag).join(), [sharedTag])
  return async (workspaceId, world) => {
    await partitions.ensureEvents(world.people.flatMap(({ events }) => events.map(({ at }) => at)))
    for (const [table, rows] of Object.entries(tablesOf(workspaceId, world))) {
      const [row] = rows
      if (row) await insert(table, Object.keys(row).join(), rows)
    }
  }
}

/** A person as rows of tables know them. */
interface Owner {
  person: Person
  isLiving: boolean
  key: { workspace_id: number; profile_id: number }
}

type Tables = Record<string, object[]>

const source = 'test'

function tablesOf(workspaceId: number, { people, merges }: World): Tables {
  const owners = people.map((person, place) => ({
    person,
    isLiving: !merges.has(place),
    key: { workspace_id: workspaceId, profile_id: place + 1 },
  }))
  // Rows that stay with the profile they were written for say so.
  const owned = owners.map(({ key, ...rest }) => ({
    ...rest,
    key: { ...key, origin_profile_id: key.profile_id },
  }))
  return {
    ...identityTables(workspaceId, owners, merges),
    ...tagTables(workspaceId, owned),
    ...historyTables(owned),
    ...deviceTables(owned),
    ...companyTables(owners),
  }
}

function identityTables(workspaceId: number, owners: readonly Owner[], merges: World['merges']): Tables {
  const living = owners.filter(({ isLiving }) => isLiving)
  return {
    profile: living.map(({ key, person: { attributes, createdAt, updatedAt } }) => ({
      ...key,
      version: 1,
      attributes,
      created_at: toRfc3339(createdAt),
      updated_at: toRfc3339(updatedAt),
    })),
    profile_merge: [...merges].map(([from, to]) => ({
      workspace_id: workspaceId,
      from_id: from + 1,
      to_id: to + 1,
      into_id: to + 1,
      at: toRfc3339(0),
      by: source,
      undo: {},
    })),
    identifier: living.flatMap(({ key, person }) =>
      person.identifiers.map((kind) => ({
        ...key,
        kind,
        value: `v${key.profile_id}`,
        source,
        first_seen_at: toRfc3339(0),
        is_primary: true,
      })),
    ),
  }
}

function tagTables(workspaceId: number, owned: readonly Owner[]): Tables {
  return {
    tag: TAGS.slice(0, 3).map((name, index) => ({
      workspace_id: workspaceId,
      tag_id: index + 2,
      name,
      created_at: toRfc3339(0),
      color: '#000000',
      removal: name === 'gone' ? {} : null,
    })),
    tag_assignment: owned.flatMap(({ key, person }) =>
      person.tags.map((name) => ({ ...key, tag_id: tagIdOf(name), at: toRfc3339(0) })),
    ),
  }
}

function historyTables(owned: readonly Owner[]): Tables {
  return {
    consent: owned.flatMap(({ key, person }) =>
      person.consents.map(({ channel, state, at }) => ({
        ...key,
        channel,
        state,
        at: toRfc3339(at),
        source,
      })),
    ),
    event: owned.flatMap(({ key, person }) =>
      person.events.map(({ name, at, properties }, index) => ({
        ...key,
        event_id: eventIdOf(key.profile_id, index),
        occurred_at: toRfc3339(at),
        received_at: toRfc3339(at),
        name,
        source,
        properties,
      })),
    ),
  }
}

function deviceTables(owned: readonly Owner[]): Tables {
  return {
    device: owned.flatMap(({ key, person }) =>
      person.devices.map((device, index) => ({
        ...key,
        device_id: `d${key.profile_id}-${index}`,
        registration_id: '',
        type: 'ios',
        manufacturer: device.manufacturer ?? null,
        model: device.model ?? null,
        os_version: device.osVersion ?? null,
        product: device.product ?? null,
        screen_height: device.screenHeight ?? null,
        screen_width: device.screenWidth ?? null,
        linked_at: toRfc3339(0),
        updated_at: toRfc3339(0),
      })),
    ),
  }
}

function companyTables(owners: readonly Owner[]): Tables {
  return {
    company: owners.flatMap(({ key, person }) =>
      person.isCompany ? [{ ...key, marked_at: toRfc3339(0) }] : [],
    ),
    company_relation: owners.flatMap(({ key, person: { relation } }) =>
      relation ? [{ ...key, company_id: relation.company + 1, at: toRfc3339(relation.at), source }] : [],
    ),
  }
}

function tagIdOf(name: string): number {
  return name === 'shared' ? 1 : TAGS.indexOf(name as (typeof TAGS)[number]) + 2
}
