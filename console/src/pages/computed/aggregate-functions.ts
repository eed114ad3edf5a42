import { isPart, withMember } from '../../definitions/part.ts'
import type { Part } from '../../definitions/part.ts'

/** The aggregate with another function; its property and its events stay. */
export function withFunction(aggregate: Part, made: string): Part {
  const { property, limit } = aggregate
  const field = isPart(property) ? property : { name: '' }
  const changed = withMember(aggregate, 'function', made)
  const withField = withMember(changed, 'property', made === 'count' ? undefined : field)
  return withMember(withField, 'limit', made === 'top' ? (limit ?? 3) : undefined)
}
