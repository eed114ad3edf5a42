import type { ExportKind } from './export-body.ts'

/** A field that can be chosen. */
export interface FieldOption {
  value: string
  label: string
}

/** Fields under a head. */
interface FieldGroup {
  group: string
  items: FieldOption[]
}

/** Fields that every row of a kind has, with what they hold. */
const FACTS: Readonly<Record<ExportKind, Readonly<Record<string, string>>>> = {
  profiles: {
    profileId: 'Profile id',
    userId: 'User id',
    email: 'E-mail that identifies',
    phone: 'Phone that identifies',
    uuid: 'UUIDs',
    anonymousId: 'Anonymous ids',
    deviceId: 'Device ids',
    alias: 'Aliases',
    identifiers: 'All identifiers',
    attributes: 'All attributes',
    tags: 'Tags',
    consents: 'Consents',
    mergedFrom: 'Merged profiles',
    createdAt: 'Created',
    updatedAt: 'Changed',
    lastActivityAt: 'Last activity',
  },
  events: {
    eventId: 'Event id',
    profileId: 'Profile id',
    name: 'Name',
    occurredAt: 'Happened',
    receivedAt: 'Received',
    sentAt: 'Sent',
    source: 'Source',
    properties: 'All properties',
  },
}

/** What single values of a row are fields of. */
const MEMBERS = { profiles: 'attributes', events: 'properties' } as const
const HEADS = { profiles: 'Attributes', events: 'Properties' } as const

/** What the workspace has of its own. */
export interface OwnFields {
  /** Names of attributes or properties. */
  names: readonly string[]
  aggregates: readonly { id: string; name: string }[]
  expressions: readonly { id: string; name: string }[]
}

/**
 * The fields that can be chosen.
 * @param chosen those that are chosen already, which are among them whatever was found
 * @param typed a name that somebody is looking for: it can be chosen also when nobody has sent it yet
 */
export function fieldGroups(
  kind: ExportKind,
  own: OwnFields,
  { chosen, typed }: { chosen: readonly string[]; typed: string },
): FieldGroup[] {
  const prefix = `${MEMBERS[kind]}.`
  const facts = Object.entries(FACTS[kind]).map(([value, label]) => ({ value, label }))
  const computed = (items: OwnFields['aggregates'], of: string): FieldOption[] =>
    kind === 'events' ? [] : items.map(({ id, name }) => ({ value: `${of}.${id}`, label: name }))
  const groups = [
    { group: 'Of every row', items: facts },
    { group: 'Aggregates', items: computed(own.aggregates, 'aggregate') },
    { group: 'Expressions', items: computed(own.expressions, 'expression') },
  ]
  const known = new Set(groups.flatMap(({ items }) => items.map(({ value }) => value)))
  const members = [...own.names, typed].filter((name) => name !== '').map((name) => prefix + name)
  const others = [...new Set([...members, ...chosen])].filter((value) => !known.has(value))
  const items = others.map((value) => ({
    value,
    label: value.startsWith(prefix) ? value.slice(prefix.length) : value,
  }))
  return [...groups, { group: HEADS[kind], items }].filter((group) => group.items.length > 0)
}
