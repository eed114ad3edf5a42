/**
 * A part of a definition, as JSON. Builders change the members that they know and carry all others along, so that nothing that
 * somebody wrote by hand is lost.
 */
export type Part = Readonly<Record<string, unknown>>

/** Whether a value is an object of JSON. */
export function isPart(value: unknown): value is Part {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value as a part; one without members when it is none. */
export function partOf(value: unknown): Part {
  return isPart(value) ? value : {}
}

/** The value as a text; an empty one when it is none. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** The value as a list; an empty one when it is none. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** What a table has under a name that somebody wrote; `constructor` and the like are no entries of it. */
export function entryOf<Entry>(table: Readonly<Record<string, Entry>>, name: unknown): Entry | undefined {
  return typeof name === 'string' && Object.hasOwn(table, name) ? table[name] : undefined
}

/** The part with another value of one member, which keeps its place; undefined takes the member away. */
export function withMember(part: Part, name: string, value: unknown): Part {
  if (value !== undefined) return { ...part, [name]: value }
  const { [name]: _gone, ...rest } = part
  return rest
}

/** The list with its member at `index` replaced by others: by none, it is removed; by two, one is added. */
export function withItem<Item>(list: readonly Item[], index: number, ...items: Item[]): Item[] {
  return list.toSpliced(index, 1, ...items)
}

/** The list with its member at `index` moved by so many places, and no further than its ends. */
export function movedBy<Item>(list: readonly Item[], index: number, places: number): Item[] {
  const target = Math.min(Math.max(index + places, 0), list.length - 1)
  const item = list.slice(index, index + 1)
  return list.toSpliced(index, 1).toSpliced(target, 0, ...item)
}
