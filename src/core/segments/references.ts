import { expressionParts } from '../../model/expression.ts'
import type { Expression } from '../../model/expression.ts'
import type { Condition, EventFilter } from '../../model/segment.ts'
import type { WholeBatch } from '../../storage/batches.ts'

/**
 * What a segment looks at, or what was written about a profile: `attribute:city`, `event:Order Completed`, `tag:vip`,
 * `consent:email`; `event`, `company`, `device`, `identifiers`, `profile` for any of their kind.
 */
export type Facet = string

/** Facets of everything that a definition looks at. */
export function facetsOf(definition: Condition): Set<Facet> {
  const facets = new Set<Facet>()
  collect(definition, facets)
  return facets
}

function collect(condition: Condition, facets: Set<Facet>): void {
  switch (condition.type) {
    case 'and':
    case 'or':
      for (const one of condition.conditions) collect(one, facets)
      return
    case 'not':
      return collect(condition.condition, facets)
    case 'attribute':
      return void facets.add(`attribute:${condition.name}`)
    case 'tag':
      return void facets.add(`tag:${condition.name}`)
    case 'consent':
      return void facets.add(`consent:${condition.channel}`)
    case 'anonymous':
      for (const facet of ['identifiers', 'attribute:email', 'attribute:phone']) facets.add(facet)
      return
    case 'profile':
    case 'company':
    case 'device':
      return void facets.add(condition.type)
    case 'event':
      return void facets.add(eventFacet(condition))
    case 'sequence':
      for (const step of condition.steps) facets.add(eventFacet(step))
      return
    case 'aggregate':
      if (condition.definition) facets.add(eventFacet(condition.definition))
      return
    case 'expression':
      if (condition.definition) collectParts(condition.definition, facets)
  }
}

function collectParts(expression: Expression, facets: Set<Facet>): void {
  for (const part of expressionParts(expression)) {
    if (part.type === 'attribute') facets.add(`attribute:${part.name}`)
    if (part.type === 'aggregate' && part.definition) facets.add(eventFacet(part.definition))
  }
}

function eventFacet({ name }: EventFilter): Facet {
  return name === undefined ? 'event' : `event:${name}`
}

/** What was written about profiles of one workspace: their facets, or `all` of those about whom nobody knows what. */
export type Touched = Map<number, Set<Facet> | 'all'>

/** Names of the values that changes changed, by the change's id. */
export type ChangedNames = ReadonlyMap<string, readonly string[]>

/** What flushes of one workspace wrote about which profile. */
export function touchedBy(batches: readonly WholeBatch[], names: ChangedNames): Touched {
  const touched: Touched = new Map()
  const add = (profileId: number, facets: readonly Facet[]): void => {
    const known = touched.get(profileId) ?? new Set<Facet>()
    touched.set(profileId, known)
    if (known !== 'all') for (const facet of facets) known.add(facet)
  }
  for (const { items, counts } of batches) {
    for (const { kind, profileId, name, id } of items) {
      if (kind === 'event') add(profileId, ['event', `event:${name}`])
      // A change that nobody can read any more may have been of anything.
      if (kind === 'change' && !names.has(id)) touched.set(profileId, 'all')
      else if (kind === 'change') add(profileId, ['profile', ...(names.get(id) ?? []).flatMap(facetsOfName)])
    }
    for (const profileId of counts.reshaped ?? []) touched.set(profileId, 'all')
  }
  return touched
}

/** A name in the change log is an attribute's, or one of those that the write path makes for what is none. */
function facetsOfName(name: string): Facet[] {
  const [kind, rest] = [name.slice(0, name.indexOf('.')), name.slice(name.indexOf('.') + 1)]
  if (kind === 'tag' || kind === 'consent') return [`attribute:${name}`, `${kind}:${rest}`]
  if (kind === 'device') return [`attribute:${name}`, 'device']
  return name === 'isCompany' ? [`attribute:${name}`, 'company'] : [`attribute:${name}`]
}

/** The profiles about whom something was written that a definition looks at. */
export function affectedBy(touched: Touched, facets: ReadonlySet<Facet>): number[] {
  const isAffected = (written: Set<Facet> | 'all'): boolean =>
    written === 'all' || [...facets].some((facet) => written.has(facet))
  return [...touched].filter(([, written]) => isAffected(written)).map(([profileId]) => profileId)
}
