import { Group, Stack } from '@mantine/core'
import { Choice } from '../../definitions/choice.tsx'
import { EventsInput } from '../../definitions/events-input.tsx'
import { FieldInput } from '../../definitions/field-input.tsx'
import { isPart, partOf, textOf, withMember } from '../../definitions/part.ts'
import type { Part } from '../../definitions/part.ts'
import { ValueTest } from '../../definitions/value-test.tsx'
import { WindowInput } from '../../definitions/window-input.tsx'
import { MEASURES, hasProperty, operatorsOfMeasure, withFunction } from './measures.ts'

interface BodyProps {
  part: Part
  at: string
  onChange: (part: Part) => void
}

/** Events of a person: which, when, and what must hold of them together. */
export function EventBody({ part, at, onChange }: BodyProps) {
  return (
    <Stack gap="xs">
      <EventsInput events={part} at={at} onChange={onChange} />
      <WindowInput
        window={part['window']}
        at={`${at}/window`}
        onChange={(window) => onChange(withMember(part, 'window', window))}
      />
      <MeasureInput part={part} at={`${at}/measure`} onChange={onChange} />
    </Stack>
  )
}

function MeasureInput({ part, at, onChange }: BodyProps) {
  const measure = partOf(part['measure'])
  const event = textOf(part['name']) || undefined
  const change = (next: Part | undefined): void => onChange(withMember(part, 'measure', next))
  return (
    <Group gap="xs" align="flex-end">
      <Choice
        label="How often, or how much"
        options={MEASURES}
        value={isPart(part['measure']) ? textOf(measure['function']) : 'once'}
        at={`${at}/function`}
        width={170}
        onChange={(made) => change(withFunction(part['measure'], made))}
      />
      {hasProperty(measure) && (
        <FieldInput
          label="Property"
          target={{ of: 'property', event }}
          field={measure}
          at={at}
          onChange={change}
        />
      )}
      {isPart(part['measure']) && (
        <ValueTest test={measure} at={at} operators={operatorsOfMeasure(measure)} onChange={change} />
      )}
    </Group>
  )
}
