/** As much of a list of segments as it takes to name one. */
interface Named {
  items: readonly { id: string; name: string }[]
  nextCursor?: string | null
}

/** A segment in the list: its name, or that the list is whole without it (`gone`), or that it may stand further on (`unknown`). */
export function findSegment(list: Named, id: string): { name: string } | 'gone' | 'unknown' {
  const found = list.items.find((segment) => segment.id === id)
  if (found) return { name: found.name }
  return list.nextCursor ? 'unknown' : 'gone'
}
