import { identifierKey } from '../../model/identity.ts'
import type { Identifier } from '../../model/identity.ts'
import type { ProfileState } from '../identity/index.ts'
import { deviceKey } from './devices.ts'
import { profileKey } from './flush.ts'
import type { Flush } from './flush.ts'
import { identifiersOf } from './prepared.ts'
import type { PreparedCommand } from './prepared.ts'
import { ownerOf } from './steps/link-device.ts'
import { assignmentKey, tagKey } from './tags.ts'

/** Whether stored state may refuse the command; all others are refused before the queue or not at all. */
export function mayBeRefused({ command, unit }: PreparedCommand): boolean {
  return (
    unit.strict === true ||
    command.attributes?.operators !== undefined ||
    command.profileId !== undefined ||
    command.target === 'existing' ||
    command.onHeld === 'refuse' ||
    command.ifVersion !== undefined ||
    command.profileEmail !== undefined
  )
}

/** The working set as it was before some commands. */
export interface Savepoint {
  /** Puts it back: those commands have never been. */
  restore(): void
}

/**
 * Remembers what these commands can change: the profiles that their identifiers lead to and what is decided about
 * them. Costs as much as the commands, not as the flush.
 */
export function openSavepoint(flush: Flush, commands: readonly PreparedCommand[]): Savepoint {
  const { out, index } = flush
  const holders = holdersOf(flush, commands)
  const copies = [...statesOf(flush, commands, holders)].map((state) => ({ state, fields: copyOf(state) }))
  const profileCount = flush.profiles.size
  const lengths = LISTS.map((list) => out[list].length)
  const maps = mapsOf(flush, commands)
  const [tagCount, assignmentCount] = [out.tags.length, out.assignments.length]
  return {
    restore: () => {
      for (const { workspaceId, identifier, holder } of holders.values())
        index.restore(workspaceId, identifier, holder)
      for (const { state, fields } of copies) {
        Object.assign(state, fields)
        for (const held of state.identifiers) index.restore(state.workspaceId, held, state)
      }
      for (const key of [...flush.profiles.keys()].slice(profileCount)) flush.profiles.delete(key)
      forgetTags(flush, tagCount, assignmentCount)
      for (const [position, list] of LISTS.entries()) out[list].length = lengths[position] ?? 0
      for (const { map, copy } of maps) putBack(map, copy)
    },
  }
}

const LISTS = [
  'dedupe',
  'merges',
  'changes',
  'deleted',
  'located',
  'tags',
  'assignments',
  'unassignments',
  'companies',
  'relations',
  'written',
  'rejected',
] as const

/** Tags that these commands made or assigned are not there for those that come after. */
function forgetTags({ out, tags }: Flush, tagCount: number, assignmentCount: number): void {
  for (const { workspaceId, name } of out.tags.slice(tagCount)) tags.byName.delete(tagKey(workspaceId, name))
  for (const row of out.assignments.slice(assignmentCount)) tags.assigned.delete(assignmentKey(row))
}

interface Holder {
  workspaceId: number
  identifier: Identifier
  holder: ProfileState | undefined
}

function holdersOf({ index }: Flush, commands: readonly PreparedCommand[]): Map<string, Holder> {
  const holders = new Map<string, Holder>()
  for (const command of commands) {
    const workspaceId = command.unit.workspace.id
    for (const identifier of [...identifiersOf(command), ...command.onCreate]) {
      const holder = index.holder(workspaceId, identifier)
      holders.set(`${workspaceId}|${identifierKey(identifier)}`, { workspaceId, identifier, holder })
    }
  }
  return holders
}

function statesOf(
  flush: Flush,
  commands: readonly PreparedCommand[],
  holders: ReadonlyMap<string, Holder>,
): Set<ProfileState> {
  const states = new Set<ProfileState>()
  for (const { holder } of holders.values()) if (holder) states.add(holder)
  for (const { unit, command } of commands) {
    if (command.profileId === undefined) continue
    const named = flush.profiles.get(profileKey(unit.workspace.id, command.profileId))
    if (named) states.add(named)
    const device =
      command.device &&
      flush.devices.byId.get(deviceKey({ workspaceId: unit.workspace.id, ...command.device }))
    const owner = device && ownerOf(flush, device)
    if (owner) states.add(owner)
  }
  return states
}

function copyOf(
  state: ProfileState,
): Pick<ProfileState, 'attributes' | 'identifiers' | 'changed' | 'mergedInto'> {
  const { attributes, changed, mergedInto } = state
  return { attributes, changed, mergedInto, identifiers: state.identifiers.map((held) => ({ ...held })) }
}

interface CopiedMap {
  map: Map<string, unknown>
  copy: ReadonlyMap<string, unknown>
}

/**
 * Answers and events are decided after everything that can refuse a command, so one alone has left none behind;
 * only in a unit of several may an earlier one have.
 */
function mapsOf(
  { out, dedupe, consents, devices }: Flush,
  commands: readonly PreparedCommand[],
): CopiedMap[] {
  const mayLeave =
    commands.length > 1 && commands.some(({ command }) => command.event ?? command.consents ?? command.device)
  if (!mayLeave) return []
  const maps: Map<string, unknown>[] = [
    dedupe,
    consents,
    out.consents,
    devices.byId,
    out.devices,
    out.events,
    out.replaced,
    out.transactions,
  ]
  return maps.map((map) => ({ map, copy: new Map(map) }))
}

function putBack(map: Map<string, unknown>, copy: ReadonlyMap<string, unknown>): void {
  map.clear()
  for (const [key, value] of copy) map.set(key, value)
}
