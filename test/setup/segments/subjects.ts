import type { EventFilter, Window } from '../../../src/model/segment.ts'
import { find, passes } from './passes.ts'
import { momentOf } from './values.ts'
import type { Reading } from './values.ts'
import { eventIdOf } from './world.ts'
import type { Person, World, WorldEvent } from './world.ts'

/** A living person, and everyone who became part of it; the person itself comes first. */
export interface Subject {
  own: Person
  all: readonly Person[]
  places: readonly number[]
  world: World
}

/** The living person at a place. */
export function subjectOf(world: World, place: number): Subject {
  const merged = [...world.merges].flatMap(([from, to]) => (to === place ? [from] : []))
  const places = [place, ...merged.toSorted((a, b) => a - b)]
  return { own: world.people[place]!, all: places.map((one) => world.people[one]!), places, world }
}

/** Events of a person inside a window, with their ids. */
export function eventsOf(
  { all, places }: Subject,
  window: Window | undefined,
  reading: Reading,
): WorldEvent[] {
  const { from, to } = window ?? {}
  const first = from === undefined ? -Infinity : momentOf(from, reading)
  const end = to === undefined ? Infinity : momentOf(to, reading)
  const events = all.flatMap((person, number) =>
    person.events.map((event, index) => ({ ...event, id: eventIdOf(places[number]! + 1, index) })),
  )
  return events.filter(({ at }) => at >= first && at < end)
}

/** Whether an event is of a name and passes the filters. */
export function matches({ name, filters = [] }: EventFilter, event: WorldEvent, reading: Reading): boolean {
  if (name !== undefined && event.name !== name) return false
  return filters.every((filter) => passes(filter, find(event.properties, filter), reading))
}
