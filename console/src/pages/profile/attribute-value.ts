/** How a value is written down by people. */
export const VALUE_TYPES = ['text', 'number', 'yesNo', 'json'] as const

/** One of {@link VALUE_TYPES}. */
export type ValueType = (typeof VALUE_TYPES)[number]

/** What a value is, as a form shows it. */
export function typeOfValue(value: unknown): ValueType {
  if (typeof value === 'number') return 'number'
  if (typeof value === 'boolean') return 'yesNo'
  return typeof value === 'string' || value === undefined ? 'text' : 'json'
}

/** A value as the text of a form. */
export function toFormText(value: unknown): string {
  if (value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** The value that a form says. @throws SyntaxError it is none of that type */
export function fromFormText(type: ValueType, text: string): unknown {
  switch (type) {
    case 'text':
      return text
    case 'number':
      if (!/^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text.trim())) throw new SyntaxError('This is no number.')
      return Number(text)
    case 'yesNo':
      return text === 'true'
    case 'json':
      return JSON.parse(text) as unknown
  }
}
