import type { Json } from '../../lib/json.ts'
import type { Instant } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import type { ErrorCode } from '../../model/errors.ts'
import type { Consent } from '../../model/attributes.ts'
import type { CommandResult, RejectionReason } from '../../model/command.ts'
import type { DedupeRow } from '../../storage/dedupe.ts'
import type { DeviceRow } from '../../storage/devices.ts'
import type { EventPlace, EventRow } from '../../storage/events.ts'
import type { IdSource } from '../../storage/id-blocks.ts'
import type { IdempotencyRow } from '../../storage/idempotency.ts'
import type { MergeRow } from '../../storage/merges.ts'
import type { ChangeRow, ConsentRow } from '../../storage/profile-logs.ts'
import type { TransactionRow } from '../../storage/transactions.ts'
import type { IdentityIndex } from '../identity/index.ts'
import type { ProfileState } from '../identity/index.ts'
import type { Rejected } from '../ledger/index.ts'
import type { DefinitionView } from './definitions.ts'
import type { DeviceView } from './devices.ts'
import type { PreparedCommand, PreparedUnit } from './prepared.ts'
import type { CompanyOutput, CompanyView } from './companies.ts'
import type { TagOutput, TagView } from './tags.ts'

/** What a step may rely on when it gets a command: everything the transaction read and decided so far. */
export interface Flush {
  readonly units: readonly PreparedUnit[]
  readonly index: IdentityIndex
  /** By {@link profileKey}. */
  readonly profiles: Map<string, ProfileState>
  /** By {@link consentKey}. */
  readonly consents: Map<string, Consent>
  /** Stored and new event ids, by {@link hashKey}. */
  readonly dedupe: Map<string, DedupeRow>
  /** To which profile the holders of stored event ids and devices were merged before this flush, by {@link profileKey}. */
  readonly survivors: ReadonlyMap<string, number>
  /** Stored answers, by {@link hashKey}. */
  readonly idempotency: ReadonlyMap<string, IdempotencyRow>
  /** Identifiers with a tombstone that commands name, by `workspaceId|` and their key. */
  readonly erased: ReadonlySet<string>
  readonly definitions: DefinitionView
  readonly tags: TagView
  readonly devices: DeviceView
  readonly companies: CompanyView
  readonly profileIds: IdSource
  readonly out: FlushOutput
}

/** What the transaction will write beside identifiers and profiles. */
export interface FlushOutput extends TagOutput, CompanyOutput {
  dedupe: DedupeRow[]
  idempotency: IdempotencyRow[]
  merges: MergeRow[]
  changes: ChangeRow[]
  consents: Map<string, ConsentRow>
  /** Devices that were linked, by `deviceKey`. */
  devices: Map<string, DeviceRow>
  /** Attributes that commands wrote, for the dictionary. */
  written: { workspaceId: number; dialect: string; values: Readonly<Record<string, Json>> }[]
  /** New events, by id. */
  events: Map<string, EventRow>
  /** Stored events that are written anew, by id. */
  replaced: Map<string, EventRow>
  /** Stored events that go, and the dialect that counted them. */
  deleted: (EventPlace & Pick<EventRow, 'source'>)[]
  /** Stored event ids whose event is elsewhere now, or has another number of parts. */
  located: DedupeRow[]
  /** By the id of their event. */
  transactions: Map<string, TransactionRow>
  rejected: Rejected[]
}

/** One command on its way through the steps. */
export interface Work {
  readonly flush: Flush
  readonly prepared: PreparedCommand
  /** Set by `resolveIdentity`. */
  profile: ProfileState | undefined
  /** Set by `resolveIdentity`: the command makes its profile. */
  isNew: boolean
  /** Set by `appendEvents`: the id under which the command's event is stored. */
  eventId: string | undefined
  /** Set by `applyTags`: since when the profile has the tag that the command assigns. */
  assignedAt: Instant | undefined
  /** What the command changes on the profile: name → before and after. */
  diff: Record<string, readonly [Json, Json]>
  /** Set by the step that ends the command. */
  result: CommandResult | undefined
}

/** A step of the pipeline: reads and changes the working set in memory; sets `work.result` to end the command. */
export type Step = (work: Work) => void

/** An empty output. */
export function newOutput(): FlushOutput {
  return {
    dedupe: [],
    idempotency: [],
    merges: [],
    changes: [],
    consents: new Map(),
    devices: new Map(),
    written: [],
    events: new Map(),
    replaced: new Map(),
    deleted: [],
    located: [],
    transactions: new Map(),
    tags: [],
    assignments: [],
    unassignments: [],
    companies: [],
    relations: [],
    rejected: [],
  }
}

/** The profile of a command. @throws CDP_INVARIANT_BROKEN a step that needs it ran before `resolveIdentity` */
export function profileOf(work: Work): ProfileState {
  if (!work.profile) throw new CdpError('CDP_INVARIANT_BROKEN', { cause: 'no profile resolved' })
  return work.profile
}

/** The profile of a command whose row was read. @throws CDP_INVARIANT_BROKEN it was not loaded */
export function loadedProfileOf(work: Work): ProfileState {
  const profile = profileOf(work)
  if (!profile.loaded) throw new CdpError('CDP_INVARIANT_BROKEN', { cause: 'profile not loaded' })
  return profile
}

/** Ends the command: nothing of it is stored, and its unit decides what that means for its neighbours. */
export function refuse(work: Work, code: ErrorCode, pointer: string, detail?: string): void {
  const error = new CdpError(code, { pointer, ...(detail !== undefined && { detail }) })
  work.result = { ok: false, error, pointer }
}

/** Ends the command as its contract says: accepted, nothing of it stored, and the ledger says why. */
export function ignore(work: Work, reason: RejectionReason): void {
  const { unit, command } = work.prepared
  if (unit.strict) {
    const detail = `It would be ignored: ${reason}.`
    return refuse(work, 'CDP_REJECTION_NOT_REPLAYABLE', command.pointer, detail)
  }
  reject(work, reason, command.pointer)
  work.result = { ok: true, ignored: reason }
}

/** Notes that something of this command is not stored as it was sent. */
export function reject(work: Work, reason: RejectionReason, pointer: string): void {
  const { unit, command, resolvers } = work.prepared
  const kept =
    reason === 'erased'
      ? { item: undefined, identifiers: [] }
      : { item: command.item, identifiers: resolvers }
  work.flush.out.rejected.push({
    workspaceId: unit.workspace.id,
    at: unit.receivedAt,
    dialect: unit.dialect,
    operation: unit.operation,
    reason,
    pointer,
    ...kept,
    profileId: work.profile?.id,
    traceId: unit.traceId,
  })
}

/** Key of a profile among all workspaces. */
export function profileKey(workspaceId: number, profileId: number): string {
  return `${workspaceId}|${profileId}`
}

/** Key of a consent among all profiles. */
export function consentKey(workspaceId: number, profileId: number, channel: string): string {
  return `${workspaceId}|${profileId}|${channel}`
}

/** Key of an event id or of a stored answer among all workspaces. */
export function hashKey(workspaceId: number, keyHash: Buffer): string {
  return `${workspaceId}|${keyHash.toString('latin1')}`
}
