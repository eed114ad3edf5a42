/** What a text of JSON says, or why it says nothing. */
export type DefinitionText = { value: unknown; problem?: undefined } | { problem: string; value?: undefined }

/** Reads a definition that somebody wrote. Numbers that would silently become others are refused. */
export function readDefinitionText(text: string): DefinitionText {
  if (text.trim() === '') return { problem: 'There is no definition yet.' }
  try {
    const value: unknown = JSON.parse(text)
    return hasEndless(value) ? { problem: 'A number in it is too large.' } : { value }
  } catch (error) {
    return { problem: `This is no JSON: ${error instanceof Error ? error.message : String(error)}` }
  }
}

/** A definition as people read it. */
export function definitionText(value: unknown): string {
  return JSON.stringify(value, undefined, 2)
}

/** A text without the blanks between what it says, for addresses; as it is, where it cannot be read. */
export function compactText(text: string): string {
  const read = readDefinitionText(text)
  return read.problem === undefined ? JSON.stringify(read.value) : text
}

function hasEndless(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isFinite(value)
  return typeof value === 'object' && value !== null && Object.values(value).some(hasEndless)
}
