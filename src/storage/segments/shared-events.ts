import type { Instant } from '../../lib/time.ts'
import { expressionParts } from '../../model/expression.ts'
import { resolveMoment } from '../../model/segment-moment.ts'
import type { Clock } from '../../model/segment-moment.ts'
import type { Condition, EventFilter, Window } from '../../model/segment.ts'
import type { SharedEvents } from './statement.ts'

/** The events that conditions may look at, all together. */
export function sharedEventsOf(definitions: readonly Condition[], clock: Clock): SharedEvents {
  const asked = definitions.flatMap(eventsIn)
  const names = asked.map(({ name }) => name)
  const begins = asked.map(({ window }) => beginOf(window, clock))
  return {
    names: names.every((name) => name !== undefined) ? [...new Set(names)] : undefined,
    from: begins.every((begin) => begin !== undefined) ? Math.min(...begins) : undefined,
  }
}

function beginOf(window: Window | undefined, clock: Clock): Instant | undefined {
  return window?.from === undefined ? undefined : resolveMoment(window.from, clock)
}

/** Which events a condition asks for. */
type Asked = EventFilter & { window?: Window | undefined }

function eventsIn(condition: Condition): Asked[] {
  switch (condition.type) {
    case 'and':
    case 'or':
      return condition.conditions.flatMap(eventsIn)
    case 'not':
      return eventsIn(condition.condition)
    case 'event':
      return [condition]
    case 'sequence':
      return condition.steps.map((step) => ({ ...step, window: condition.window }))
    case 'aggregate':
      return condition.definition ? [condition.definition] : []
    case 'expression':
      return condition.definition
        ? [...expressionParts(condition.definition)].flatMap((part) =>
            part.type === 'aggregate' && part.definition ? [part.definition] : [],
          )
        : []
    default:
      return []
  }
}
