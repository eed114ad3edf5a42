import type { Instant } from '../../../src/lib/time.ts'
import { DURATION_UNITS } from '../../../src/model/segment.ts'
import type { Condition, EventCondition, Measure } from '../../../src/model/segment.ts'
import { passesValue, valueOf } from './evaluate-computed.ts'
import { find, numberIn, passes, passesMoment, passesNumber } from './passes.ts'
import { eventsOf, matches, subjectOf } from './subjects.ts'
import type { Subject } from './subjects.ts'
import { compareDecimals, decimalOf } from './values.ts'
import type { Reading } from './values.ts'
import type { World, WorldEvent } from './world.ts'

/** The ids of the living who belong to a segment, in order: by looking at one person after the other. */
export function evaluate(definition: Condition, world: World, reading: Reading): number[] {
  return world.people.flatMap((_, place) => {
    if (world.merges.has(place)) return []
    return holds(definition, subjectOf(world, place), reading) ? [place + 1] : []
  })
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
    case 'aggregate':
    case 'expression':
      return passesValue(condition, valueOf(condition, subject, reading), reading)
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
  // Of two at the same instant the one of the newer profile counts.
  const [newest] = others.toReversed().toSorted((a, b) => b.at - a.at)
  return (mine ?? newest)?.state ?? 'unknown'
}

function belongs(condition: Extract<Condition, { type: 'company' }>, { all, world }: Subject): boolean {
  if (condition.role === 'company') return all.some(({ isCompany }) => isCompany)
  const relations = all.flatMap(({ relation }) => (relation ? [relation] : []))
  const [newest] = relations.toReversed().toSorted((a, b) => b.at - a.at)
  if (!newest || condition.companyId === undefined) return newest !== undefined
  const livingOf = (place: number): number => world.merges.get(place) ?? place
  return livingOf(newest.company) === livingOf(condition.companyId - 1)
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
