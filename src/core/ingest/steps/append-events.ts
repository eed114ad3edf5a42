import type { Work } from '../flush.ts'
import { hashKey, profileOf } from '../flush.ts'
import { keepTyped } from './apply-attributes.ts'

/** Appends the command's event to its profile's timeline and remembers the sender's id of it. */
export function appendEvents(work: Work): void {
  const { command, unit, eventId, dedupeKey } = work.prepared
  if (!command.event) return
  const profile = profileOf(work)
  const { name, occurredAt, sentAt, properties } = command.event
  const place = { workspaceId: unit.workspace.id, profileId: profile.id, eventId, occurredAt }
  const event = { ...place, receivedAt: unit.receivedAt, sentAt, name, source: unit.dialect }
  work.flush.out.events.push({ ...event, properties: keepTyped(work, 'event', properties) })
  if (!dedupeKey) return
  const row = { ...place, keyHash: dedupeKey, receivedAt: unit.receivedAt }
  work.flush.dedupe.set(hashKey(unit.workspace.id, dedupeKey), row)
  work.flush.out.dedupe.push(row)
}
