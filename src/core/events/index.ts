/** Reading what happened: timelines and aggregates. */
import type { Page } from '../../model/page.ts'
import type { Database } from '../../storage/db.ts'
import type { AggregateQuery, EventRow } from '../../storage/events.ts'
import { aggregate, listEvents, listNewestEvents } from './read.ts'
import type { EventList, NewestList } from './read.ts'

export type { EventList } from './read.ts'
export { AGGREGATES } from '../../storage/events.ts'
export type { AggregateQuery, EventRow } from '../../storage/events.ts'

/** Reads over events. Every call is inside one workspace. */
export interface Events {
  /** See {@link listEvents}. */
  list(list: EventList): Promise<Page<EventRow>>
  /** See {@link listNewestEvents}. */
  newest(list: NewestList): Promise<EventRow[]>
  /** See {@link aggregate}. */
  aggregate(query: AggregateQuery): Promise<{ count: number; value: string | null }>
}

/** Opens events over a database. */
export function openEvents(db: Database): Events {
  return {
    list: (list) => listEvents(db, list),
    newest: (list) => listNewestEvents(db, list),
    aggregate: (query) => aggregate(db, query),
  }
}
