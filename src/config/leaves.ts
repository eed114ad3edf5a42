import type { Path } from '../model/schema-check.ts'

/** A text of the file and where it stands. */
export interface Leaf {
  path: Path
  text: string
  /** Puts another text in its place. */
  replace: (text: string) => void
}

/** Every text of a JSON value, in the order of the file, whatever its shape. */
export function leavesOf(value: unknown, path: Path = []): Leaf[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value as Record<string, unknown>).flatMap(([name, child]) => {
    const childPath = [...path, Array.isArray(value) ? Number(name) : name]
    if (typeof child !== 'string') return leavesOf(child, childPath)
    const replace = (text: string): void => void Reflect.set(value, name, text)
    return [{ path: childPath, text: child, replace }]
  })
}
