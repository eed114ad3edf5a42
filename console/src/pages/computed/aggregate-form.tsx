import { Group, Paper, Stack } from '@mantine/core'
import { Choice } from '../../definitions/choice.tsx'
import { ComplaintText } from '../../definitions/complaint-text.tsx'
import { EventsInput } from '../../definitions/events-input.tsx'
import { FieldInput } from '../../definitions/field-input.tsx'
import { NumberField } from '../../definitions/number-field.tsx'
import { listOf, partOf, textOf, withMember } from '../../definitions/part.ts'
import type { Part } from '../../definitions/part.ts'
import { WindowInput } from '../../definitions/window-input.tsx'
import { withFunction } from './aggregate-functions.ts'
import { FUNCTIONS } from './computed-words.ts'

interface FormProps {
  definition: unknown
  at: string
  onChange: (definition: Part) => void
}

/** What is made of which events. */
export function AggregateForm({ definition, at, onChange }: FormProps) {
  const part = partOf(definition)
  const filters = listOf(part['filters']).map((_, index) => `${at}/filters/${index}`)
  return (
    <Paper withBorder p={{ base: 'xs', sm: 'sm' }}>
      <Stack gap="xs">
        <FunctionInput definition={part} at={at} onChange={onChange} />
        <EventsInput events={part} at={at} onChange={onChange} />
        <WindowInput
          window={part['window']}
          at={`${at}/window`}
          onChange={(window) => onChange(withMember(part, 'window', window))}
        />
        <ComplaintText at={at} others={filters} />
      </Stack>
    </Paper>
  )
}

function FunctionInput({ definition, at, onChange }: FormProps) {
  const part = partOf(definition)
  const made = textOf(part['function'])
  return (
    <Group gap="xs" align="flex-end">
      <Choice
        label="What to compute"
        options={FUNCTIONS}
        value={made}
        at={`${at}/function`}
        width={200}
        onChange={(next) => onChange(withFunction(part, next))}
      />
      {made !== 'count' && (
        <FieldInput
          label="Property"
          target={{ of: 'property', event: textOf(part['name']) || undefined }}
          field={partOf(part['property'])}
          at={`${at}/property`}
          onChange={(property) => onChange(withMember(part, 'property', property))}
        />
      )}
      {made === 'top' && (
        <NumberField
          label="How many values"
          value={part['limit']}
          at={`${at}/limit`}
          min={1}
          max={20}
          isWhole
          onChange={(limit) => onChange(withMember(part, 'limit', limit))}
        />
      )}
    </Group>
  )
}
