/** A type in which values of an attribute or a property came. */
export type ValueType = 'string' | 'number' | 'boolean' | 'array' | 'object'

/** What kind of value something is compared with. */
export type ValueKind = 'text' | 'number' | 'boolean' | 'null' | 'json'

/** Kinds and what they are called. */
export const VALUE_KINDS: Readonly<Record<ValueKind, string>> = {
  text: 'Text',
  number: 'Number',
  boolean: 'True or false',
  null: 'Nothing (null)',
  json: 'Other JSON',
}

/** Whether a value is a text, a number or a truth value. */
export function isScalar(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value)
}

/** The kind of a value. */
export function kindOf(value: unknown): ValueKind {
  if (typeof value === 'string' || value === undefined) return 'text'
  if (typeof value === 'number') return 'number'
  if (typeof value === 'boolean') return 'boolean'
  return value === null ? 'null' : 'json'
}

/** The value as one of another kind, as near as there is one. */
export function asKind(value: unknown, kind: ValueKind): unknown {
  if (kindOf(value) === kind) return value
  if (kind === 'text') return isScalar(value) ? String(value) : ''
  if (kind === 'number') return typeof value === 'string' && isNumberText(value) ? Number(value) : 0
  if (kind === 'boolean') return value !== 'false'
  return kind === 'null' ? null : [value]
}

/** The kind that values of an attribute have when it came in one type only. */
export function likelyKind(types: readonly ValueType[]): ValueKind {
  const [only, ...others] = types
  if (others.length > 0) return 'text'
  return only === 'number' || only === 'boolean' ? only : 'text'
}

/** How the members of a list are written: all as texts, all as numbers, or each as JSON where it must be. */
export type ListKind = 'text' | 'number' | 'mixed'

/** What the kinds of lists are called. */
export const LIST_KINDS: Readonly<Record<ListKind, string>> = {
  text: 'Texts',
  number: 'Numbers',
  mixed: 'Texts, numbers, true or false',
}

/** The kind of a list; undefined when it is empty. */
export function listKindOf(values: readonly unknown[]): ListKind | undefined {
  if (values.length === 0) return undefined
  if (values.every((value) => typeof value === 'number')) return 'number'
  return values.every((value) => typeof value === 'string' && value === value.trim() && value !== '')
    ? 'text'
    : 'mixed'
}

/** A member of a list as it is shown. {@link valuesOfTags} makes the same value of it. */
export function tagOf(value: unknown, kind: ListKind): string {
  if (kind === 'text' && typeof value === 'string') return value
  return typeof value === 'string' && isPlain(value) ? value : JSON.stringify(value)
}

/** What somebody wrote as members of a list, without those that are none of that kind. */
export function valuesOfTags(tags: readonly string[], kind: ListKind): unknown[] {
  return tags.map((tag) => valueOfTag(tag, kind)).filter(isScalar)
}

function valueOfTag(tag: string, kind: ListKind): unknown {
  if (kind === 'text') return tag
  if (kind === 'number') return isNumberText(tag) ? Number(tag) : undefined
  return isPlain(tag) ? tag : parsed(tag)
}

/** Whether a text stands for itself in a mixed list: nobody would take it for JSON. */
function isPlain(text: string): boolean {
  return text !== '' && text === text.trim() && parsed(text) === undefined
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isNumberText(text: string): boolean {
  return text.trim() !== '' && Number.isFinite(Number(text))
}
