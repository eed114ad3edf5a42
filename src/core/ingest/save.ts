import type { Instant } from '../../lib/time.ts'
import { insertDefinitions } from '../../storage/attribute-definitions.ts'
import { saveSeen } from '../../storage/attributes-seen.ts'
import { insertBatch } from '../../storage/batches.ts'
import type { BatchRow, FlushMark } from '../../storage/batches.ts'
import { saveCompanies, saveCompanyRelations } from '../../storage/companies.ts'
import type { Queryable } from '../../storage/db.ts'
import { saveDedupe, saveLocations } from '../../storage/dedupe.ts'
import { deleteDevices, saveDevices } from '../../storage/devices.ts'
import { saveEventNames } from '../../storage/event-names.ts'
import { deleteEvents, insertEvents, replaceEvents } from '../../storage/events.ts'
import { saveIdempotency } from '../../storage/idempotency.ts'
import { saveIdentifiers } from '../../storage/identifiers.ts'
import type { IdentifierChanges } from '../../storage/identifiers.ts'
import { saveMerges } from '../../storage/merges.ts'
import { saveChanges, saveConsents } from '../../storage/profile-logs.ts'
import { saveProfiles } from '../../storage/profiles.ts'
import type { ProfileChanges } from '../../storage/profiles.ts'
import { deleteSearch, saveSearch } from '../../storage/profile-search.ts'
import { saveRejections } from '../../storage/rejections.ts'
import type { RejectionRow } from '../../storage/rejections.ts'
import { deleteTagAssignments, saveTagAssignments, saveTags } from '../../storage/tags.ts'
import { saveTransactions } from '../../storage/transactions.ts'
import { searchRowOf } from '../profiles/index.ts'
import { leftRows } from './devices.ts'
import { lastRelations } from './companies.ts'
import type { DictionaryNews } from './dictionary.ts'
import type { Flush } from './flush.ts'
import { StaleRead } from './stale-read.ts'

/** Rows that are made of what the steps decided, once every command is. */
export interface DerivedRows {
  profiles: ProfileChanges
  identifiers: IdentifierChanges
  /** Asked for when everything else is written. */
  batches: () => readonly BatchRow[]
  news: DictionaryNews
  rejections: readonly RejectionRow[]
}

/**
 * Writes what the steps decided, set by set, in the fixed order that keeps two flushers from deadlocking.
 * @returns the mark of the flush; undefined when there was nothing to write
 * @throws StaleRead
 */
export async function saveFlush(
  db: Queryable,
  flush: Flush,
  { profiles, identifiers, batches, news, rejections }: DerivedRows,
): Promise<FlushMark | undefined> {
  const { out } = flush
  const fresh =
    (await saveIdempotency(db, out.idempotency)) &&
    (await saveDedupe(db, out.dedupe)) &&
    (await saveIdentifiers(db, identifiers)) &&
    (await saveProfiles(db, profiles)) &&
    (await saveMerges(db, out.merges)) &&
    (await saveTags(db, out.tags))
  if (!fresh) throw new StaleRead()
  await saveLists(db, flush, profiles)
  await saveConsents(db, [...out.consents.values()])
  await deleteDevices(db, leftRows(flush.devices, out.devices))
  await saveDevices(db, [...out.devices.values()])
  await deleteTagAssignments(db, out.unassignments)
  await saveTagAssignments(db, out.assignments)
  await saveCompanies(db, out.companies)
  await saveCompanyRelations(db, lastRelations(out.relations))
  await saveChanges(db, out.changes)
  await insertDefinitions(db, flush.definitions.added())
  await saveSeen(db, news.seen)
  await saveEventNames(db, news.names)
  await insertEvents(db, [...out.events.values()])
  await replaceEvents(db, [...out.replaced.values()])
  await deleteEvents(db, out.deleted)
  await saveLocations(db, out.located)
  await saveTransactions(db, [...out.transactions.values()])
  await saveRejections(db, rejections)
  const rows = batches()
  return rows.length === 0 ? undefined : insertBatch(db, rows)
}

/** Lists of profiles show a write as soon as it is committed. */
async function saveLists(db: Queryable, { units }: Flush, profiles: ProfileChanges): Promise<void> {
  const settings = new Map(units.map(({ unit: { workspace } }) => [workspace.id, workspace.settings]))
  const rows = [...profiles.inserted, ...profiles.updated].flatMap((row) => {
    const own = settings.get(row.workspaceId)
    return own ? [searchRowOf(row, own)] : []
  })
  await saveSearch(db, rows)
  await deleteSearch(db, profiles.deleted)
}

/** When the newest unit of the flush was received: the instant of its profile writes. */
export function newestReceipt(flush: Flush): Instant {
  return flush.units.reduce((newest, { unit }) => Math.max(newest, unit.receivedAt), 0)
}

/** What happens to the profile table, from the states as decided. */
export function profileChanges(flush: Flush): ProfileChanges {
  const updatedAt = newestReceipt(flush)
  const inserted = []
  const updated = []
  const deleted = []
  for (const state of flush.profiles.values()) {
    const { workspaceId, id: profileId, readVersion, attributes, createdAt } = state
    const row = { workspaceId, profileId, version: readVersion + 1, attributes, createdAt, updatedAt }
    if (state.mergedInto) {
      if (readVersion > 0) deleted.push({ workspaceId, profileId, readVersion })
    } else if (readVersion === 0) inserted.push(row)
    else if (state.changed) updated.push({ ...row, readVersion })
  }
  return { inserted, updated, deleted }
}
