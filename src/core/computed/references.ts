import { isJsonObject } from '../../lib/json.ts'
import { partsOf } from '../../model/check-definition.ts'
import type { Computed, ComputedKind } from '../../model/computed.ts'
import type { Path } from '../../model/schema-check.ts'

/** A place in a definition that names an aggregate or an expression. */
export interface Reference {
  kind: ComputedKind
  id: string
  /** Where the id stands. */
  path: Path
}

/** What a checked definition of a segment or an expression refers to by id, in the order of its text. */
export function referencesIn(definition: unknown, path: Path = []): Reference[] {
  if (Array.isArray(definition))
    return definition.flatMap((member, index) => referencesIn(member, [...path, index]))
  if (!isJsonObject(definition)) return []
  const own = idOf(definition)
  if (own) return [{ ...own, path: [...path, 'id'] }]
  return partsOf(definition).flatMap(([key, member]) => referencesIn(member, [...path, key]))
}

/** Definitions by their ids. */
export type ComputedById = ReadonlyMap<string, Computed>

/**
 * The same definition with what each id stands for beside it, all the way down: whoever walks it finds every attribute and
 * every event that it is about. Pure; an id that is not in the map stays alone, and one that leads back to itself must have
 * been refused before.
 */
export function inlineComputed<Definition>(definition: Definition, byId: ComputedById): Definition {
  return inline(definition, byId) as Definition
}

function inline(value: unknown, byId: ComputedById): unknown {
  if (Array.isArray(value)) return value.map((member) => inline(member, byId))
  if (!isJsonObject(value)) return value
  const own = idOf(value)
  if (own) {
    const target = byId.get(own.id)
    return target?.kind === own.kind ? { ...value, definition: inline(target.definition, byId) } : value
  }
  const parts = partsOf(value).map(([key, member]) => [key, inline(member, byId)])
  return { ...value, ...Object.fromEntries(parts) }
}

function idOf({ type, id }: Readonly<Record<string, unknown>>): Omit<Reference, 'path'> | undefined {
  const isReference = (type === 'aggregate' || type === 'expression') && typeof id === 'string'
  return isReference ? { kind: type, id } : undefined
}
