import type { Documentation, Example } from './describable.ts'

/** An instant for examples: documents must not differ from one run to the next. */
export const EXAMPLE_INSTANT = Date.UTC(2026, 0, 31, 9)

/** A trace id for examples: the one of the specification of W3C Trace Context. */
export const EXAMPLE_TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736'

/** Stands for ids that no fixture knows before it runs. */
const EXAMPLE_ID = 1_001

const EXAMPLE_TYPES: Readonly<Record<string, unknown>> = {
  '@any': null,
  '@number': EXAMPLE_ID,
  '@string': 'text',
  '@time': new Date(EXAMPLE_INSTANT).toISOString(),
}

/**
 * The example with values in the place of its placeholders: those that the dialect documents by name, a number for
 * ids that are taken from an earlier answer, and a value of the type for what a test leaves open.
 */
export function withExampleValues(example: Example, documentation: Documentation): Example {
  const values: Documentation['exampleValues'] = {
    traceId: EXAMPLE_TRACE_ID,
    ...documentation.exampleValues,
  }
  const taken = (example.given ?? []).flatMap(({ take = {} }) => Object.keys(take))
  const ids = Object.fromEntries(taken.map((name, index) => [`@${name}`, EXAMPLE_ID + index]))
  const replace = (text: string, key: string): unknown => {
    if (!text.startsWith('@')) return text
    if (text === '@string' && key in values) return values[key]
    if (text in EXAMPLE_TYPES) return EXAMPLE_TYPES[text]
    return values[text.slice(1)] ?? ids[text] ?? text
  }
  return {
    ...example,
    request: mapTexts(example.request, replace, '') as Example['request'],
    answer: { ...example.answer, body: mapTexts(example.answer.body, replace, '') },
  }
}

/** The value with every text in it replaced; `key` names the member that holds it. */
function mapTexts(value: unknown, replace: (text: string, key: string) => unknown, key: string): unknown {
  if (typeof value === 'string') return replace(value, key)
  if (Array.isArray(value))
    return value.filter((item) => item !== '@among').map((item) => mapTexts(item, replace, key))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, mapTexts(member, replace, name)]),
  )
}
