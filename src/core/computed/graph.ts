import { isJsonObject } from '../../lib/json.ts'
import { partsOf } from '../../model/check-definition.ts'
import { EXPRESSION_WHOLE } from '../../model/expression.ts'
import type { Violation } from '../../model/schema-check.ts'
import { referencesIn } from './references.ts'
import type { ComputedById, Reference } from './references.ts'

/** The first id that leads to no definition of its kind. */
export function findUnknown(definition: unknown, byId: ComputedById): Violation | undefined {
  const unknown = referencesIn(definition).find(({ kind, id }) => byId.get(id)?.kind !== kind)
  return unknown && { path: unknown.path, message: `the workspace has no ${unknown.kind} with this id` }
}

/** An expression as it would be stored, among the others of its workspace. */
interface Candidate {
  id: string
  definition: unknown
}

/**
 * What is wrong with an expression because of the others: an id that leads back to it, or more parts or levels, together
 * with what it refers to, than one may have. Expressions that refer to it are looked at too.
 * @param byId all of the workspace, with the candidate among them
 */
export function findTangle({ id, definition }: Candidate, byId: ComputedById): Violation | undefined {
  const back = referencesIn(definition).find((reference) => leadsTo(reference, id, byId))
  if (back) return { path: back.path, message: 'leads back to this expression' }
  const sizes = new Map<string, Size>()
  const { partsMax, depthMax } = EXPRESSION_WHOLE
  const isTooLarge = ({ parts, depth }: Size): boolean => parts > partsMax || depth > depthMax
  const bounds = `${partsMax} parts and ${depthMax} levels`
  if (isTooLarge(sizeOf(definition, byId, sizes)))
    return { path: [], message: `has, with what it refers to, more than ${bounds}` }
  const others = [...byId].filter(([other, one]) => leadsTo({ kind: one.kind, id: other }, id, byId))
  const isWorse = others.some(([, one]) => isTooLarge(sizeOf(one.definition, byId, sizes)))
  return isWorse
    ? { path: [], message: `makes an expression that refers to it larger than ${bounds}` }
    : undefined
}

function leadsTo({ id }: Pick<Reference, 'kind' | 'id'>, wanted: string, byId: ComputedById): boolean {
  const seen = new Set<string>()
  const waiting = [id]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next === wanted) return true
    if (seen.has(next)) continue
    seen.add(next)
    const target = byId.get(next)
    if (target?.kind === 'expression') waiting.push(...referencesIn(target.definition).map((one) => one.id))
  }
  return false
}

interface Size {
  parts: number
  depth: number
}

/** How large a definition is once every id in it is resolved. No id leads back. */
function sizeOf(value: unknown, byId: ComputedById, sizes: Map<string, Size>): Size {
  const members = Array.isArray(value)
    ? value
    : isJsonObject(value)
      ? partsOf(value).map(([, one]) => one)
      : []
  const own = members.map((member) => sizeOf(member, byId, sizes))
  const isPart = isJsonObject(value) && typeof value['type'] === 'string'
  const target = isPart && value['type'] === 'expression' ? targetSize(value['id'], byId, sizes) : NOTHING
  const one = isPart ? 1 : 0
  return {
    parts: own.reduce((sum, { parts }) => sum + parts, one + target.parts),
    depth: Math.max(target.depth, ...own.map(({ depth }) => depth), 0) + one,
  }
}

const NOTHING: Size = { parts: 0, depth: 0 }

function targetSize(id: unknown, byId: ComputedById, sizes: Map<string, Size>): Size {
  if (typeof id !== 'string') return NOTHING
  const size = sizes.get(id) ?? sizeOf(byId.get(id)?.definition, byId, sizes)
  sizes.set(id, size)
  return size
}
