import type { Consent } from '../../model/attributes.ts'
import type { Identifier } from '../../model/identity.ts'
import { identifierKey } from '../../model/identity.ts'
import { findDedupe } from '../../storage/dedupe.ts'
import type { DedupeRow } from '../../storage/dedupe.ts'
import type { Queryable } from '../../storage/db.ts'
import type { IdSource } from '../../storage/id-blocks.ts'
import { findIdempotency } from '../../storage/idempotency.ts'
import type { IdempotencyRow } from '../../storage/idempotency.ts'
import { findIdentifiers, findIdentifiersOfProfiles } from '../../storage/identifiers.ts'
import type { IdentifierRow } from '../../storage/identifiers.ts'
import { findSurvivors } from '../../storage/merges.ts'
import { findConsents } from '../../storage/profile-logs.ts'
import { findProfiles } from '../../storage/profiles.ts'
import { IdentityIndex, knownProfile, newProfile } from '../identity/index.ts'
import type { ProfileState } from '../identity/index.ts'
import type { DefinitionCache, DefinitionView } from './definitions.ts'
import { loadDevices } from './devices.ts'
import type { DeviceView } from './devices.ts'
import { consentKey, hashKey, newOutput, profileKey } from './flush.ts'
import type { Flush } from './flush.ts'
import type { PlacedIdentifier, Tombstones } from '../tombstones/index.ts'
import { identifiersOf, namedBy } from './prepared.ts'
import type { PreparedCommand, PreparedUnit } from './prepared.ts'
import { StaleRead } from './stale-read.ts'
import { loadCompanies } from './companies.ts'
import { loadTags } from './tags.ts'

/** What outlives a flush. */
export interface LoadContext {
  definitions: DefinitionCache
  profileIds: IdSource
  tagIds: IdSource
  tombstones: Pick<Tombstones, 'find'>
}

/**
 * Reads everything that the steps may ask for, set by set: at most sixteen statements, whatever the number of
 * commands; a statement whose set is empty is not sent.
 */
export async function loadFlush(
  db: Queryable,
  units: readonly PreparedUnit[],
  context: LoadContext,
): Promise<Flush> {
  const idempotency = await loadIdempotency(db, units)
  const commands = units.filter((unit) => !isAnswered(idempotency, unit)).flatMap((unit) => unit.commands)
  const dedupe = await loadDedupe(db, commands)
  const profiles = new Map<string, ProfileState>()
  const index = new IdentityIndex()
  const devices = await loadDevices(db, commands)
  const survivors = await loadSurvivors(db, commands, { dedupe, devices })
  const owners = devices.stored.map(({ workspaceId, profileId }) => ({
    workspaceId,
    profileId: survivors.get(profileKey(workspaceId, profileId)) ?? profileId,
  }))
  await loadPeople(db, { commands, owners }, { profiles, index })
  const consents = await loadConsents(db, commands, profiles)
  const tags = await loadTags(db, commands, profiles, context.tagIds)
  const companies = await loadCompanies(db, commands, profiles)
  const erased = await context.tombstones.find(db, unknownOf(commands, index))
  const definitions = await loadDefinitions(db, commands, context.definitions)
  return {
    units,
    index,
    profiles,
    consents,
    dedupe,
    survivors,
    idempotency,
    erased,
    definitions,
    tags,
    devices,
    companies,
    profileIds: context.profileIds,
    out: newOutput(),
  }
}

/** Whether an answer to this unit's Idempotency-Key is stored. */
export function isAnswered(stored: ReadonlyMap<string, IdempotencyRow>, unit: PreparedUnit): boolean {
  return (
    unit.idempotency !== undefined && stored.has(hashKey(unit.unit.workspace.id, unit.idempotency.keyHash))
  )
}

async function loadIdempotency(
  db: Queryable,
  units: readonly PreparedUnit[],
): Promise<ReadonlyMap<string, IdempotencyRow>> {
  const keys = units.flatMap((unit) =>
    unit.idempotency ? [{ workspaceId: unit.unit.workspace.id, keyHash: unit.idempotency.keyHash }] : [],
  )
  if (keys.length === 0) return new Map()
  const newest = Math.max(...units.map((unit) => unit.unit.receivedAt))
  const rows = await findIdempotency(db, keys, newest)
  return new Map(rows.map((row) => [hashKey(row.workspaceId, row.keyHash), row]))
}

async function loadDedupe(
  db: Queryable,
  commands: readonly PreparedCommand[],
): Promise<Map<string, DedupeRow>> {
  const keys = commands.flatMap(({ unit, dedupeKey }) =>
    dedupeKey ? [{ workspaceId: unit.workspace.id, keyHash: dedupeKey }] : [],
  )
  const rows = keys.length === 0 ? [] : await findDedupe(db, keys)
  return new Map(rows.map((row) => [hashKey(row.workspaceId, row.keyHash), row]))
}

/** Where the profiles of stored events and devices lead that a command may take: they may have been merged since. */
async function loadSurvivors(
  db: Queryable,
  commands: readonly PreparedCommand[],
  { dedupe, devices }: { dedupe: ReadonlyMap<string, DedupeRow>; devices: DeviceView },
): Promise<ReadonlyMap<string, number>> {
  const events = commands.flatMap(({ unit, command, dedupeKey }) => {
    const row = dedupeKey && dedupe.get(hashKey(unit.workspace.id, dedupeKey))
    return row && command.event?.onDuplicate === 'replace' ? [row] : []
  })
  const stored = [...events, ...devices.stored]
  if (stored.length === 0) return new Map()
  const rows = await findSurvivors(db, stored)
  return new Map(rows.map(({ workspaceId, fromId, toId }) => [profileKey(workspaceId, fromId), toId]))
}

/** Whether the steps need the profile's row: a command that only appends an event for one identifier does not. */
function needsProfile({ command, resolvers, email, phone }: PreparedCommand): boolean {
  return (
    command.profileId !== undefined ||
    command.attributes !== undefined ||
    command.ifVersion !== undefined ||
    command.profileEmail !== undefined ||
    command.consents !== undefined ||
    command.tags !== undefined ||
    command.isCompany !== undefined ||
    resolvers.length > 1 ||
    email !== undefined ||
    phone !== undefined
  )
}

/** Whether the steps need every identifier of the profile: to replace one, or to decide about a merge. */
function needsIdentifiers({ command, resolvers, email, phone }: PreparedCommand): boolean {
  return (
    resolvers.length > 1 ||
    email !== undefined ||
    phone !== undefined ||
    command.profileId !== undefined ||
    command.profileEmail !== undefined
  )
}

/** @param named.owners profiles that the commands take something from */
async function loadPeople(
  db: Queryable,
  { commands, owners }: { commands: readonly PreparedCommand[]; owners: readonly ProfileAddress[] },
  { profiles, index }: { profiles: Map<string, ProfileState>; index: IdentityIndex },
): Promise<void> {
  if (commands.length === 0) return
  const found = await findIdentifiers(db, distinctKeys(commands))
  const holders = new Map(found.map((row) => [`${row.workspaceId}|${identifierKey(row)}`, row]))
  const wanted = wantedProfiles(commands, holders, owners)
  const stored = wanted.full.size === 0 ? [] : await findProfiles(db, [...wanted.full.values()])
  // Each statement has its own snapshot: a holder that was merged away in between is a read that came too late.
  const expected = stored.filter((row) => !wanted.byId.has(keyOf(row)))
  if (expected.length < wanted.full.size - wanted.byId.size) throw new StaleRead()
  const others =
    wanted.withIdentifiers.size === 0
      ? []
      : await findIdentifiersOfProfiles(db, [...wanted.withIdentifiers.values()])
  for (const row of stored) {
    const state = newProfile(row.workspaceId, row.profileId, row.createdAt)
    const read = { ...state, attributes: row.attributes, readVersion: row.version, changed: false }
    profiles.set(profileKey(row.workspaceId, row.profileId), read)
  }
  const complete = new Set(wanted.withIdentifiers.keys())
  const partial = found.filter((row) => !complete.has(profileKey(row.workspaceId, row.profileId)))
  for (const row of [...others, ...partial]) takeIdentifier(row, profiles, index)
}

function takeIdentifier(row: IdentifierRow, profiles: Map<string, ProfileState>, index: IdentityIndex): void {
  const key = profileKey(row.workspaceId, row.profileId)
  const state = profiles.get(key) ?? knownProfile(row.workspaceId, row.profileId)
  profiles.set(key, state)
  const { kind, value, source, firstSeenAt, isPrimary } = row
  state.identifiers.push({ kind, value, source, firstSeenAt, isPrimary })
  index.read(row, state)
}

function distinctKeys(commands: readonly PreparedCommand[]): ({ workspaceId: number } & Identifier)[] {
  const keys = new Map<string, { workspaceId: number } & Identifier>()
  for (const command of commands) {
    const workspaceId = command.unit.workspace.id
    for (const identifier of identifiersOf(command)) {
      keys.set(`${workspaceId}|${identifierKey(identifier)}`, { workspaceId, ...identifier })
    }
  }
  return [...keys.values()]
}

/** Only what nobody holds can have a tombstone: a flush about people who are known asks for none. */
function unknownOf(commands: readonly PreparedCommand[], index: IdentityIndex): PlacedIdentifier[] {
  return commands.flatMap((command) => {
    const workspaceId = command.unit.workspace.id
    const unknown = namedBy(command).filter((identifier) => !index.holder(workspaceId, identifier))
    return unknown.map(({ kind, value }) => ({ workspaceId, kind, value }))
  })
}

interface ProfileAddress {
  workspaceId: number
  profileId: number
}

/** Profiles to read, by {@link profileKey}; those in `byId` are only known by their id and may not exist. */
interface WantedProfiles {
  full: Map<string, ProfileAddress>
  withIdentifiers: Map<string, ProfileAddress>
  byId: Set<string>
}

function wantedProfiles(
  commands: readonly PreparedCommand[],
  holders: ReadonlyMap<string, IdentifierRow>,
  owners: readonly ProfileAddress[],
): WantedProfiles {
  const full = new Map<string, ProfileAddress>()
  const withIdentifiers = new Map<string, ProfileAddress>()
  const byId = new Set<string>()
  for (const command of commands) {
    if (!needsProfile(command)) continue
    const workspaceId = command.unit.workspace.id
    for (const identifier of identifiersOf(command)) {
      const row = holders.get(`${workspaceId}|${identifierKey(identifier)}`)
      if (!row) continue
      const address = { workspaceId, profileId: row.profileId }
      full.set(profileKey(workspaceId, row.profileId), address)
      if (needsIdentifiers(command)) withIdentifiers.set(profileKey(workspaceId, row.profileId), address)
    }
  }
  const named = commands.flatMap(({ unit, command: { profileId } }) =>
    profileId === undefined ? [] : [{ workspaceId: unit.workspace.id, profileId }],
  )
  for (const address of [...named, ...owners]) {
    const key = keyOf(address)
    if (!full.has(key)) byId.add(key)
    full.set(key, address)
    withIdentifiers.set(key, address)
  }
  return { full, withIdentifiers, byId }
}

function keyOf({ workspaceId, profileId }: ProfileAddress): string {
  return profileKey(workspaceId, profileId)
}

/**
 * Answers of every stored profile that the steps may change: to which one a command leads may be decided only by an
 * earlier command of the same flush, which links an identifier or adopts a profile.
 */
async function loadConsents(
  db: Queryable,
  commands: readonly PreparedCommand[],
  profiles: ReadonlyMap<string, ProfileState>,
): Promise<Map<string, Consent>> {
  if (!commands.some(({ command }) => command.consents)) return new Map()
  const stored = [...profiles.values()].filter(({ readVersion }) => readVersion > 0)
  const wanted = stored.map(({ workspaceId, id: profileId }) => ({ workspaceId, profileId }))
  const rows = wanted.length === 0 ? [] : await findConsents(db, wanted)
  return new Map(rows.map((row) => [consentKey(row.workspaceId, row.profileId, row.channel), row]))
}

async function loadDefinitions(
  db: Queryable,
  commands: readonly PreparedCommand[],
  cache: DefinitionCache,
): Promise<DefinitionView> {
  const view = cache.open()
  const writes = commands.flatMap(({ unit, command }) => {
    const scope = { workspaceId: unit.workspace.id, dialect: unit.dialect }
    const { attributes, event } = command
    return [
      ...(attributes?.typing
        ? [{ scope: { ...scope, target: 'profile' as const, eventName: '' }, typing: attributes.typing }]
        : []),
      ...(event?.typing
        ? [{ scope: { ...scope, target: 'event' as const, eventName: event.name }, typing: event.typing }]
        : []),
    ]
  })
  await view.load(db, writes)
  return view
}
