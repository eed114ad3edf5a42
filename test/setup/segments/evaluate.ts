import { isJsonObject, jsonEquals } from '../../../src/lib/json.ts'
import type { Json } from '../../../src/lib/json.ts'
import type { Instant } from '../../../src/lib/time.ts'
import { DURATION_UNITS } from '../../../src/model/segment.ts'
import type {
  Condition,
  EventCondition,
  EventFilter,
  Field,
  Measure,
  Window,
} from '../../../src/model/segment.ts'
import type { MomentTest, ResultTest, ValueTest } from '../../../src/model/segment-tests.ts'
import { compareDecimals, decimalOf, instantOf, momentOf } from './values.ts'
import type { Decimal, Reading } from './values.ts'
import type { Person, World, WorldEvent } from './world.ts'

/** The ids of the living who belong to a segment, in order: by looking at one person after the other. */
export function evaluate(definition: Condition, world: World, reading: Reading): number[] {
  return world.people.flatMap((_, place) => {
    if (world.merges.has(place)) return []
    return holds(definition, subjectOf(world, place), reading) ? [place + 1] : []
  })
}

/** A living person, and everyone who became part of it; the person itself comes first. */
interface Subject {
  own: Person
  all: readonly Person[]
  places: readonly number[]
  world: World
}

function subjectOf(world: World, place: number): Subject {
  const places = [place, ...[...world.merges].flatMap(([from, to]) => (to === place ? [from] : []))]
  return { own: world.people[place]!, all: places.map((one) => world.people[one]!), places, world }
}

function holds(condition: Condition, subject: Subject, reading: Reading): boolean {
  switch (condition.type) {
    case 'and':
      return condition.conditions.every((one) => holds(one, subject, reading))
    case 'or':
      return condition.conditions.some((one) => holds(one, subject, reading))
    case 'not':
      return !holds(condition.condition, subject, reading)
    case 'attribute':
      return passes(condition, find(subject.own.attributes, condition), reading)
    case 'profile':
      return passesMoment(condition, subject.own[condition.name], reading)
    case 'tag':
      return condition.name !== 'gone' && subject.own.tags.includes(condition.name)
    case 'consent':
      return answerOf(subject, condition.channel) === condition.state
    case 'company':
      return belongs(condition, subject)
    case 'anonymous':
      return (
        !subject.own.identifiers.some((kind) => [1, 2, 3].includes(kind)) &&
        ['email', 'phone'].every((name) => (find(subject.own.attributes, { name }) ?? null) === null)
      )
    case 'device': {
      const devices = subject.all.flatMap(({ devices: some }) => some.map((one) => ({ ...one, type: 'ios' })))
      const { filters = [] } = condition
      return devices.some((device) =>
        filters.every((filter) => passes(filter, find(device, filter), reading)),
      )
    }
    case 'event':
      return happened(condition, subject, reading)
    case 'sequence':
      return followed(condition, subject, reading)
  }
}

function answerOf({ own, all }: Subject, channel: string): string {
  const mine = own.consents.find((one) => one.channel === channel)
  const others = all.flatMap(({ consents }) => consents.filter((one) => one.channel === channel))
  const [newest] = others.toSorted((a, b) => b.at - a.at)
  return (mine ?? newest)?.state ?? 'unknown'
}

function belongs(condition: Extract<Condition, { type: 'company' }>, { all, world }: Subject): boolean {
  if (condition.role === 'company') return all.some(({ isCompany }) => isCompany)
  const relations = all.flatMap(({ relation }) => (relation ? [relation] : []))
  const [newest] = relations.toSorted((a, b) => b.at - a.at)
  if (!newest || condition.companyId === undefined) return newest !== undefined
  const livingOf = (place: number): number => world.merges.get(place) ?? place
  return livingOf(newest.company) === livingOf(condition.companyId - 1)
}

function eventsOf({ all }: Subject, window: Window | undefined, reading: Reading): WorldEvent[] {
  const { from, to } = window ?? {}
  const first = from === undefined ? -Infinity : momentOf(from, reading)
  const end = to === undefined ? Infinity : momentOf(to, reading)
  return all.flatMap(({ events }) => events).filter(({ at }) => at >= first && at < end)
}

function matches({ name, filters = [] }: EventFilter, event: WorldEvent, reading: Reading): boolean {
  if (name !== undefined && event.name !== name) return false
  return filters.every((filter) => passes(filter, find(event.properties, filter), reading))
}

function happened(condition: EventCondition, subject: Subject, reading: Reading): boolean {
  const events = eventsOf(subject, condition.window, reading).filter((one) =>
    matches(condition, one, reading),
  )
  return condition.measure ? measures(condition.measure, events, reading) : events.length > 0
}

function measures(measure: Measure, events: readonly WorldEvent[], reading: Reading): boolean {
  if (measure.function === 'count') return passesNumber(measure, decimalOf(String(events.length))!)
  if (events.length === 0) return false
  if (!('name' in measure)) {
    const times = events.map(({ at }) => at)
    return passesMoment(measure, Math[measure.function === 'first' ? 'min' : 'max'](...times), reading)
  }
  return computes(measure, events)
}

function computes(
  measure: Exclude<Measure, { function: 'count' | 'first' | 'last' }>,
  events: readonly WorldEvent[],
): boolean {
  const numbers = events.flatMap(({ properties }) => {
    const number = numberIn(find(properties, measure))
    return number === undefined ? [] : [number]
  })
  if (numbers.length === 0) return false
  const sorted = numbers.toSorted(compareDecimals)
  if (measure.function === 'min') return passesNumber(measure, sorted[0]!)
  if (measure.function === 'max') return passesNumber(measure, sorted.at(-1)!)
  const sum = numbers.reduce((left, right) => left + right)
  return passesNumber(measure, sum, measure.function === 'avg' ? BigInt(numbers.length) : 1n)
}

/** Tries every way to pick events, one a step. */
function followed(
  { steps, within, window }: Extract<Condition, { type: 'sequence' }>,
  subject: Subject,
  reading: Reading,
): boolean {
  const events = eventsOf(subject, window, reading)
  const length = within ? within.amount * DURATION_UNITS[within.unit] : Infinity
  const walk = (done: number, began: Instant, last: Instant): boolean =>
    done === steps.length
      ? last - began <= length
      : events.some(
          (event) =>
            (done === 0 || event.at > last) &&
            matches(steps[done]!, event, reading) &&
            walk(done + 1, done === 0 ? event.at : began, event.at),
        )
  return walk(0, 0, 0)
}

function find(object: object, { name, path = [] }: Field): Json | undefined {
  return [name, ...path].reduce<unknown>((value, step) => {
    if (Array.isArray(value)) return /^-?\d+$/.test(step) ? value.at(Number(step)) : undefined
    return isJsonObject(value) && Object.hasOwn(value, step) ? value[step] : undefined
  }, object) as Json | undefined
}

function passes(test: ValueTest, value: Json | undefined, reading: Reading): boolean {
  switch (test.operator) {
    case 'exists':
      return value !== undefined && value !== null
    case 'equals':
      return isEqual(value, test.value, test.ignoreCase)
    case 'notEquals':
      return !isEqual(value, test.value, test.ignoreCase)
    case 'in':
      return test.values.some((one) => isEqual(value, one))
    case 'contains':
      if (Array.isArray(value)) return value.some((one) => isEqual(one, test.value, test.ignoreCase))
      if (typeof value !== 'string' || typeof test.value !== 'string') return false
      return fold(value, test.ignoreCase).includes(fold(test.value, test.ignoreCase))
    case 'startsWith':
      return (
        typeof value === 'string' &&
        fold(value, test.ignoreCase).startsWith(fold(test.value, test.ignoreCase))
      )
    case 'endsWith':
      return (
        typeof value === 'string' && fold(value, test.ignoreCase).endsWith(fold(test.value, test.ignoreCase))
      )
    case 'before':
    case 'after':
    case 'during':
      return typeof value === 'string' && passesMoment(test, instantOf(value, reading.timezone), reading)
    default: {
      const number = numberIn(value)
      return number !== undefined && passesNumber(test, number)
    }
  }
}

function isEqual(value: Json | undefined, wanted: Json, ignoreCase = false): boolean {
  if (typeof value === 'string' && typeof wanted === 'string')
    return fold(value, ignoreCase) === fold(wanted, ignoreCase)
  return value !== undefined && jsonEquals(value, wanted)
}

function fold(text: string, ignoreCase = false): string {
  return ignoreCase ? text.toLowerCase() : text
}

function numberIn(value: Json | undefined): Decimal | undefined {
  if (typeof value === 'string' && value.length > 400) return undefined
  return typeof value === 'number' || typeof value === 'string' ? decimalOf(String(value)) : undefined
}

/** @param parts the number is a sum of so many, and what counts is their mean */
function passesNumber(test: ResultTest, number: Decimal, parts = 1n): boolean {
  const side = (other: number): number => compareDecimals(number, decimalOf(String(other))! * parts)
  if (test.operator === 'between') return side(test.from) >= 0 && side(test.to) <= 0
  const order = side(test.value)
  const outcomes = {
    equals: order === 0,
    notEquals: order !== 0,
    greaterThan: order > 0,
    atLeast: order >= 0,
    lessThan: order < 0,
    atMost: order <= 0,
  }
  return outcomes[test.operator]
}

function passesMoment(test: MomentTest, instant: Instant | undefined, reading: Reading): boolean {
  if (instant === undefined) return false
  if (test.operator === 'during')
    return instant >= momentOf(test.from, reading) && instant < momentOf(test.to, reading)
  const other = momentOf(test.value, reading)
  return test.operator === 'before' ? instant < other : instant > other
}
