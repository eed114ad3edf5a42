import { sha256Of, uuidFromHash } from '../../../lib/ids.ts'
import type { EventWrite } from '../../../model/command.ts'
import type { DedupeRow } from '../../../storage/dedupe.ts'
import type { EventPlace, EventRow } from '../../../storage/events.ts'
import type { Flush, Work } from '../flush.ts'
import { hashKey, profileKey, profileOf } from '../flush.ts'
import { keepTyped } from './apply-attributes.ts'

/** Appends the command's event to its profile's timeline, or writes it in the place of the one with the same id. */
export function appendEvents(work: Work): void {
  const { command, unit, eventId, dedupeKey } = work.prepared
  const { event } = command
  if (!event) return
  const workspaceId = unit.workspace.id
  const stored = dedupeKey && work.flush.dedupe.get(hashKey(workspaceId, dedupeKey))
  if (stored && event.onDuplicate === 'supersede') return supersede(work, event, stored)
  const place = stored ? placeToReplace(work, stored) : undefined
  const rows = rowsOf(work, event, place ?? newPlace(work, event, eventId))
  work.eventId = rows[0].eventId
  const storedCount = place && stored ? stored.partCount + 1 : 0
  for (const [position, row] of rows.entries()) put(work.flush, row, position < storedCount)
  if (place && stored) dropSurplus(work.flush, stored, rows.length - 1, unit.dialect)
  recordTransaction(work, rows[0])
  // What is stored under this id belongs to somebody else: that one keeps it.
  if (!dedupeKey || stored) return
  const remembered = { ...placeOf(rows[0]), keyHash: dedupeKey, receivedAt: unit.receivedAt }
  const row = { ...remembered, partCount: rows.length - 1 }
  work.flush.dedupe.set(hashKey(workspaceId, dedupeKey), row)
  work.flush.out.dedupe.push(row)
}

/** Stores the event as the only one with its id: the stored one goes from wherever it is. It has no parts. */
function supersede(work: Work, event: EventWrite, stored: DedupeRow): void {
  const { flush } = work
  const [row] = rowsOf(work, event, newPlace(work, event, stored.eventId))
  work.eventId = row.eventId
  takeAway(flush, stored, row.source)
  const wasThere = flush.out.deleted.findIndex((gone) => isSamePlace(gone, row))
  if (wasThere !== -1) flush.out.deleted.splice(wasThere, 1)
  const target = wasThere === -1 ? flush.out.events : flush.out.replaced
  target.set(row.eventId, row)
  relocate(flush, stored, { ...stored, profileId: row.profileId, occurredAt: row.occurredAt })
}

/** Takes a stored event, or one of this flush, from its place. */
function takeAway({ out }: Flush, stored: DedupeRow, source: string): void {
  out.replaced.delete(stored.eventId)
  if (!out.events.delete(stored.eventId)) out.deleted.push({ ...placeOf(stored), source })
}

function isSamePlace(a: EventPlace, b: EventPlace): boolean {
  return a.eventId === b.eventId && a.profileId === b.profileId && a.occurredAt === b.occurredAt
}

/** Remembers where the event with a stored id is from now on. */
function relocate({ out, dedupe }: Flush, stored: DedupeRow, row: DedupeRow): void {
  dedupe.set(hashKey(stored.workspaceId, stored.keyHash), row)
  const fresh = out.dedupe.indexOf(stored)
  if (fresh === -1) out.located.push(row)
  else out.dedupe[fresh] = row
}

function newPlace(work: Work, { occurredAt }: EventWrite, eventId: string): EventPlace {
  const { workspaceId, id: profileId } = profileOf(work)
  return { workspaceId, profileId, eventId, occurredAt }
}

/** Where the stored event with this id is; undefined when it is another person's. */
function placeToReplace(work: Work, stored: DedupeRow): EventPlace | undefined {
  return livingIdOf(work.flush, stored) === profileOf(work).id ? placeOf(stored) : undefined
}

/** The profile that a stored event belongs to by now, counting the merges of this flush. */
function livingIdOf(flush: Flush, { workspaceId, profileId }: DedupeRow): number {
  const id = flush.survivors.get(profileKey(workspaceId, profileId)) ?? profileId
  let state = flush.profiles.get(profileKey(workspaceId, id))
  while (state?.mergedInto) state = state.mergedInto
  return state?.id ?? id
}

function placeOf({ workspaceId, profileId, eventId, occurredAt }: EventPlace): EventPlace {
  return { workspaceId, profileId, eventId, occurredAt }
}

/** The event, and behind it its parts. */
function rowsOf(work: Work, event: EventWrite, place: EventPlace): [EventRow, ...EventRow[]] {
  const { unit } = work.prepared
  const { parts = [], partIdsProperty } = event
  const { sentAt, originalTime } = event
  const shared = { receivedAt: unit.receivedAt, sentAt, originalTime, source: unit.dialect }
  const partIds = parts.map((_part, position) => partId(place.eventId, position))
  const properties = keepTyped(work, 'event', event.properties)
  const listed = partIdsProperty === undefined ? properties : { ...properties, [partIdsProperty]: partIds }
  return [
    { ...place, ...shared, name: event.name, properties: listed },
    ...parts.map((part, position) => ({
      ...place,
      ...shared,
      ...part,
      eventId: partIds[position] ?? place.eventId,
    })),
  ]
}

/** The same event gives its parts the same ids again, by their places. */
function partId(eventId: string, position: number): string {
  return uuidFromHash(sha256Of('part', eventId, String(position)))
}

/** A row that this flush has not written yet is written anew where it is stored. */
function put({ out }: Flush, row: EventRow, isStored: boolean): void {
  const target = isStored && !out.events.has(row.eventId) ? out.replaced : out.events
  target.set(row.eventId, row)
}

/** Takes away the parts that the event had and has no more, and remembers how many it has now. */
function dropSurplus(flush: Flush, stored: DedupeRow, partCount: number, source: string): void {
  const { out } = flush
  for (let position = partCount; position < stored.partCount; position++) {
    const eventId = partId(stored.eventId, position)
    out.replaced.delete(eventId)
    if (!out.events.delete(eventId)) out.deleted.push({ ...placeOf(stored), eventId, source })
  }
  if (partCount === stored.partCount) return
  relocate(flush, stored, { ...stored, partCount })
}

function recordTransaction(work: Work, event: EventRow): void {
  const { transaction } = work.prepared.command
  if (!transaction) return
  const { workspaceId, profileId, eventId: transactionId, occurredAt, source } = event
  const row = { ...transaction, workspaceId, profileId, transactionId, occurredAt, source }
  work.flush.out.transactions.set(transactionId, row)
}
