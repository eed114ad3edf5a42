import { escapePointer, jsonEquals, jsonWeight } from '../../../lib/json.ts'
import type { Json } from '../../../lib/json.ts'
import type { AttributeOperator, AttributeWrite, RejectionReason } from '../../../model/command.ts'
import type { DefinitionScope } from '../../../storage/attribute-definitions.ts'
import type { Work } from '../flush.ts'
import { loadedProfileOf, refuse, reject } from '../flush.ts'

/** Largest value of one attribute, bytes of JSON. */
const VALUE_BYTES_MAX = 64 * 1024

/**
 * Largest profile, bytes of JSON: a profile is read and written whole, so one without bound would slow down every
 * write that shares its transaction.
 */
const PROFILE_BYTES_MAX = 1024 ** 2

/** Sets the attributes of the profile; null removes one; what does not change anything is no write. */
export function applyAttributes(work: Work): void {
  const { attributes } = work.prepared.command
  if (!attributes) return
  const profile = loadedProfileOf(work)
  const values = { ...profile.attributes }
  let weight = jsonWeight(values, PROFILE_BYTES_MAX)
  const operated = operateAll(work, attributes, values)
  if (!operated) return
  const written = keepTyped(work, 'profile', attributes.values)
  const { workspace, dialect } = work.prepared.unit
  work.flush.out.written.push({
    workspaceId: workspace.id,
    dialect,
    values: { ...written, ...Object.fromEntries(operated) },
  })
  for (const [name, value] of [...Object.entries(written), ...operated]) {
    const before = Object.hasOwn(values, name) ? (values[name] ?? null) : null
    if (jsonEquals(before, value)) continue
    const valueWeight = jsonWeight(value, VALUE_BYTES_MAX)
    const grown = weight + valueWeight + name.length - jsonWeight(before, VALUE_BYTES_MAX)
    const refused = refusal(value, valueWeight, grown)
    if (refused) {
      reject(work, refused, pointerOf(work, attributes, name))
      continue
    }
    weight = grown
    // What a merge just filled was not there before this write.
    const first = work.diff[name] ? work.diff[name][0] : before
    if (jsonEquals(first, value)) delete work.diff[name]
    else work.diff[name] = [first, value]
    if (value === null) delete values[name]
    else Object.defineProperty(values, name, { value, enumerable: true, configurable: true, writable: true })
  }
  profile.attributes = values
}

/** What the operators make of the stored values; undefined when one does not fit and the command is refused. */
function operateAll(
  work: Work,
  { operators = {} }: AttributeWrite,
  stored: Readonly<Record<string, Json>>,
): [string, Json][] | undefined {
  const results: [string, Json][] = []
  for (const [name, operator] of Object.entries(operators)) {
    const result = operate(operator, Object.hasOwn(stored, name) ? stored[name] : undefined)
    if (result === undefined) {
      refuse(work, 'CDP_ATTRIBUTE_OPERATOR', `${work.prepared.command.pointer}/${escapePointer(name)}`)
      return undefined
    }
    results.push([name, result])
  }
  return results
}

/** The new value; undefined when the stored one has another type or the sum is no number any more. */
function operate(operator: AttributeOperator, stored: Json | undefined): Json | undefined {
  if (operator.operator === 'increment') {
    const sum = typeof (stored ?? 0) === 'number' ? Number(stored ?? 0) + operator.by : Number.NaN
    return Number.isFinite(sum) ? sum : undefined
  }
  const list = stored ?? []
  if (!Array.isArray(list)) return undefined
  const { items } = operator
  const holds = (members: readonly Json[], item: Json): boolean =>
    members.some((member) => jsonEquals(member, item))
  if (operator.operator === 'remove') return list.filter((member) => !holds(items, member))
  return items.reduce<Json[]>((grown, item) => (holds(grown, item) ? grown : [...grown, item]), list)
}

/** Why a value cannot be stored, if it cannot; removing is always possible. */
function refusal(value: Json, valueWeight: number, profileWeight: number): RejectionReason | undefined {
  if (value === null) return undefined
  if (valueWeight > VALUE_BYTES_MAX) return 'attribute_value_too_large'
  return profileWeight > PROFILE_BYTES_MAX ? 'profile_too_large' : undefined
}

/** Where the request holds an attribute: beside the typed ones, or directly in the item. */
function pointerOf(work: Work, { typing }: AttributeWrite, name: string): string {
  const isTyped = typing && Object.hasOwn(typing.types, name)
  return `${isTyped ? typing.pointer : work.prepared.command.pointer}/${escapePointer(name)}`
}

/**
 * The values that the dialect's typing rule lets pass; the others go to the ledger. A dialect without that rule
 * keeps all. Null has no type.
 */
export function keepTyped(
  work: Work,
  target: DefinitionScope['target'],
  values: Readonly<Record<string, Json>>,
): Readonly<Record<string, Json>> {
  const { unit, command } = work.prepared
  const typing = target === 'profile' ? command.attributes?.typing : command.event?.typing
  if (!typing) return values
  const eventName = target === 'profile' ? '' : (command.event?.name ?? '')
  const scope = { workspaceId: unit.workspace.id, dialect: unit.dialect, target, eventName }
  const dropped = new Set<string>()
  for (const [name, type] of Object.entries(typing.types)) {
    const verdict = work.flush.definitions.decide(scope, name, type, typing.perTypeMax, unit.receivedAt)
    if (verdict === 'keep') continue
    dropped.add(name)
    reject(work, verdict, `${typing.pointer}/${escapePointer(name)}`)
  }
  if (dropped.size === 0) return values
  return Object.fromEntries(Object.entries(values).filter(([name]) => !dropped.has(name)))
}
