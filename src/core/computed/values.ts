import { newUuid } from '../../lib/ids.ts'
import type { Json } from '../../lib/json.ts'
import { now } from '../../lib/time.ts'
import type { Instant } from '../../lib/time.ts'
import type { Computed } from '../../model/computed.ts'
import { CdpError } from '../../model/errors.ts'
import type { Workspace } from '../../model/workspace.ts'
import { findAllComputed } from '../../storage/computed.ts'
import type { ComputedRow } from '../../storage/computed.ts'
import { guarded } from '../../storage/db.ts'
import type { Database } from '../../storage/db.ts'
import { findComputedValues } from '../../storage/segments/computed.ts'
import { idsOfTarget } from '../profiles/index.ts'
import { readComputed } from './read-computed.ts'
import { inlineComputed } from './references.ts'
import type { ComputedById } from './references.ts'
import { byIdOf, requireSoundAmong } from './resolve.ts'

/** What was computed of a profile. */
export interface ProfileValues {
  /** The living one. */
  profileId: number
  /** In the order that was asked for; else the newest definitions first. */
  items: readonly { row: ComputedRow; value: Json }[]
  computedAt: Instant
}

/** What a definition that is not stored would give. */
export interface ProfileValue {
  profileId: number
  /** Null where there is none; the text of a number that no double holds. */
  value: Json
  computedAt: Instant
}

/** A definition that is not checked yet, and whom to compute it for. */
export interface PreviewRequest {
  kind: ComputedRow['kind']
  definition: unknown
  profileId: number
}

/** As many values as one statement computes. */
const VALUES_OF_STATEMENT = 50

/**
 * Values of a profile, through its merges.
 * @param ids which; all of the workspace when left out
 * @throws CDP_PROFILE_NOT_FOUND CDP_COMPUTED_NOT_FOUND one of the ids is none of this workspace
 */
export async function valuesOf(
  db: Database,
  workspace: Workspace,
  profileId: number,
  ids?: readonly string[],
): Promise<ProfileValues> {
  const computedAt = now()
  const livingId = await livingOf(db, workspace, profileId)
  const byId = byIdOf(await guarded(() => findAllComputed(db.general, workspace.id)))
  const rows = ids ? ids.map((id) => byId.get(id)) : [...byId.values()]
  const found = rows.filter((row) => row !== undefined)
  if (found.length < rows.length) throw new CdpError('CDP_COMPUTED_NOT_FOUND')
  const whole = found.map((row) => inlined(row, byId))
  const values = await compute(db, whole, { workspace, profileId: livingId, computedAt })
  const items = found.map((row, index) => ({ row, value: values[index] ?? null }))
  return { profileId: livingId, items, computedAt }
}

/**
 * The value that a definition would give for a profile; nothing is stored.
 * @throws CDP_COMPUTED_INVALID CDP_PROFILE_NOT_FOUND
 */
export async function previewValue(
  db: Database,
  workspace: Workspace,
  { kind, definition, profileId }: PreviewRequest,
): Promise<ProfileValue> {
  const computedAt = now()
  const clock = { now: computedAt, timezone: workspace.settings.timezone }
  const computed = readComputed(kind, definition, clock, '/definition')
  const byId = byIdOf(await guarded(() => findAllComputed(db.general, workspace.id)))
  requireSoundAmong(computed, newUuid(), byId)
  const livingId = await livingOf(db, workspace, profileId)
  const whole = [inlined(computed, byId)]
  const [value = null] = await compute(db, whole, { workspace, profileId: livingId, computedAt })
  return { profileId: livingId, value, computedAt }
}

async function livingOf(db: Database, { id }: Workspace, profileId: number): Promise<number> {
  const [livingId] = await guarded(() => idsOfTarget(db.general, id, { profileId, throughMerges: true }))
  if (livingId === undefined) throw new CdpError('CDP_PROFILE_NOT_FOUND')
  return livingId
}

function inlined({ kind, definition }: Computed, byId: ComputedById): Computed {
  return { kind, definition: inlineComputed(definition, byId) } as Computed
}

interface Subject {
  workspace: Workspace
  profileId: number
  computedAt: Instant
}

async function compute(
  db: Database,
  computed: readonly Computed[],
  { workspace, profileId, computedAt }: Subject,
): Promise<Json[]> {
  const { timezone } = workspace.settings
  const scope = { workspaceId: workspace.id, timezone, now: computedAt, profileIds: [profileId] }
  const values: Json[] = []
  for (let start = 0; start < computed.length; start += VALUES_OF_STATEMENT) {
    const part = computed.slice(start, start + VALUES_OF_STATEMENT)
    const found = await guarded(() => findComputedValues(db.analysis, part, scope))
    values.push(...part.map((_, index) => found.get(profileId)?.[index] ?? null))
  }
  return values
}
