/** The dictionary: which attributes, event properties and names of events there are. Ingest writes it. */
import { decodeCursor } from '../../lib/cursor.ts'
import { CdpError } from '../../model/errors.ts'
import { cutPage } from '../../model/page.ts'
import type { Page } from '../../model/page.ts'
import { findDictionary, findProfileTypes } from '../../storage/attributes-seen.ts'
import type { DictionaryEntry, DictionaryPlace, DictionaryQuery } from '../../storage/attributes-seen.ts'
import { findEventNames } from '../../storage/event-names.ts'
import type { EventNameEntry, EventNameQuery } from '../../storage/event-names.ts'
import { guarded } from '../../storage/db.ts'
import type { Database } from '../../storage/db.ts'

export type { DictionaryEntry } from '../../storage/attributes-seen.ts'
export type { EventNameEntry } from '../../storage/event-names.ts'

/** Which part of the dictionary. */
export type DictionaryList = Omit<DictionaryQuery, 'after'> & { cursor: string | undefined }

/** Which names of events. */
export type EventNameList = Omit<EventNameQuery, 'after'> & { cursor: string | undefined }

/** Reads of the dictionary. */
export interface Dictionary {
  /** Attributes by target, event and name. @throws CDP_QUERY_INVALID the cursor is not one of this list */
  list(query: DictionaryList): Promise<Page<DictionaryEntry>>
  /** In which types each of these attributes of profiles was seen; what was never seen is missing. */
  profileTypes(
    workspaceId: number,
    attributes: readonly string[],
  ): Promise<ReadonlyMap<string, ReadonlySet<string>>>
  /**
   * Names of events, sorted; a name stands there as soon as an event of it is committed, its count follows within a second.
   * @throws CDP_QUERY_INVALID the cursor is not one of this list
   */
  eventNames(query: EventNameList): Promise<Page<EventNameEntry>>
}

/** Opens the dictionary over a database. */
export function openDictionary(db: Database): Dictionary {
  return {
    list: ({ cursor, limit, ...query }) =>
      guarded(async () => {
        const after = placeOf(cursor)
        const rows = await findDictionary(db.general, { ...query, after, limit: limit + 1 })
        return cutPage(rows, limit, ({ target, eventName, attribute }) => [target, eventName, attribute])
      }),
    profileTypes: (workspaceId, attributes) =>
      guarded(async () => typesByName(await findProfileTypes(db.general, workspaceId, attributes))),
    eventNames: ({ cursor, limit, ...query }) =>
      guarded(async () => {
        const after = nameOf(cursor)
        const rows = await findEventNames(db.general, { ...query, after, limit: limit + 1 })
        return cutPage(rows, limit, ({ name }) => [name])
      }),
  }
}

function typesByName(
  rows: readonly { attribute: string; type: string }[],
): ReadonlyMap<string, ReadonlySet<string>> {
  const types = new Map<string, Set<string>>()
  for (const { attribute, type } of rows) {
    const known = types.get(attribute)
    if (known) known.add(type)
    else types.set(attribute, new Set([type]))
  }
  return types
}

function placeOf(cursor: string | undefined): DictionaryPlace | undefined {
  if (cursor === undefined) return undefined
  const [target, eventName, attribute] = decodeCursor(cursor) ?? []
  if (typeof target === 'string' && typeof eventName === 'string' && typeof attribute === 'string')
    return { target, eventName, attribute }
  throw foreignCursor()
}

function nameOf(cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined
  const [name, ...others] = decodeCursor(cursor) ?? []
  if (typeof name === 'string' && others.length === 0) return name
  throw foreignCursor()
}

function foreignCursor(): CdpError {
  return new CdpError('CDP_QUERY_INVALID', {
    detail: 'The cursor is not one that this list gave.',
    pointer: 'cursor',
  })
}
