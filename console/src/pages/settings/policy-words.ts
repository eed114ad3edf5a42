import { textOf } from './policy-values.ts'
import type { EventDays, PolicyField, Value } from './policy-types.ts'

/** A setting, for people. */
export function wordsOfValue({ input }: Pick<PolicyField, 'input'>, value: Value | undefined): string {
  if (value === undefined || value === '') return 'none'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (input.kind === 'number') return `${textOf(value)}${input.unit === undefined ? '' : ` ${input.unit}`}`
  if (Array.isArray(value)) return wordsOfList(input, value as readonly (string | EventDays)[])
  if (input.kind === 'choice') return labelAmong(input.choices, textOf(value))
  return textOf(value)
}

function wordsOfList(input: PolicyField['input'], list: readonly (string | EventDays)[]): string {
  if (list.length === 0) return 'none'
  return list
    .map((item) => {
      if (typeof item !== 'string') return `${item.name}: ${item.days} days`
      return input.kind === 'checks' ? labelAmong(input.choices, item).toLowerCase() : item
    })
    .join(', ')
}

function labelAmong(choices: readonly { value: string; label: string }[], value: string): string {
  return choices.find((choice) => choice.value === value)?.label ?? value
}
