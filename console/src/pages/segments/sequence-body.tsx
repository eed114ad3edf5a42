import { Button, Group, Stack, Switch, Text } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { Choice } from '../../definitions/choice.tsx'
import { ComplaintText } from '../../definitions/complaint-text.tsx'
import { EventsInput } from '../../definitions/events-input.tsx'
import { NumberField } from '../../definitions/number-field.tsx'
import { isPart, listOf, movedBy, partOf, textOf, withItem, withMember } from '../../definitions/part.ts'
import type { Part } from '../../definitions/part.ts'
import { WindowInput } from '../../definitions/window-input.tsx'

interface BodyProps {
  part: Part
  at: string
  onChange: (part: Part) => void
}

const STEPS = { min: 2, max: 5 } as const

/** Events one after the other, and how long the whole may take. */
export function SequenceBody({ part, at, onChange }: BodyProps) {
  const steps = listOf(part['steps'])
  const change = (next: unknown[]): void => onChange(withMember(part, 'steps', next))
  return (
    <Stack gap="sm">
      {steps.map((step, index) => (
        <Step
          // Steps have no names of their own; every input shows only what it is given.
          key={index}
          step={partOf(step)}
          number={index + 1}
          at={`${at}/steps/${index}`}
          onChange={(next) => change(withItem(steps, index, next))}
          onMoveUp={index === 0 ? undefined : () => change(movedBy(steps, index, -1))}
          onRemove={steps.length > STEPS.min ? () => change(withItem(steps, index)) : undefined}
        />
      ))}
      {steps.length < STEPS.max && (
        <Group>
          <Button
            variant="subtle"
            size="compact-sm"
            leftSection={<IconPlus size={14} aria-hidden />}
            onClick={() => change([...steps, {}])}
          >
            Then …
          </Button>
        </Group>
      )}
      <WithinInput part={part} at={`${at}/within`} onChange={onChange} />
      <WindowInput
        window={part['window']}
        at={`${at}/window`}
        onChange={(window) => onChange(withMember(part, 'window', window))}
      />
    </Stack>
  )
}

function Step(props: {
  step: Part
  number: number
  at: string
  onChange: (step: Part) => void
  onMoveUp: (() => void) | undefined
  onRemove: (() => void) | undefined
}) {
  const { step, number, at, onChange, onMoveUp, onRemove } = props
  return (
    <Stack gap={4} className="inset" role="group" aria-label={`Step ${number}`}>
      <Group justify="space-between">
        <Text size="sm" fw={600}>
          {number === 1 ? 'First' : 'Then'}
        </Text>
        <Group gap={4}>
          {onMoveUp && (
            <Button variant="subtle" color="gray" size="compact-sm" onClick={onMoveUp}>
              Move up
            </Button>
          )}
          {onRemove && (
            <Button variant="subtle" color="gray" size="compact-sm" onClick={onRemove}>
              Remove
            </Button>
          )}
        </Group>
      </Group>
      <EventsInput events={step} at={at} onChange={onChange} />
      <ComplaintText at={at} others={listOf(step['filters']).map((_, index) => `${at}/filters/${index}`)} />
    </Stack>
  )
}

const UNITS = { minute: 'minutes', hour: 'hours', day: 'days (24 hours)', week: 'weeks' }

function WithinInput({ part, at, onChange }: BodyProps) {
  const within = partOf(part['within'])
  const change = (name: string, value: unknown): void =>
    onChange(withMember(part, 'within', withMember(within, name, value)))
  return (
    <Group gap="xs" align="flex-end">
      <Switch
        label="All within"
        pb={8}
        checked={isPart(part['within'])}
        onChange={({ currentTarget }) =>
          onChange(withMember(part, 'within', currentTarget.checked ? { amount: 7, unit: 'day' } : undefined))
        }
      />
      {isPart(part['within']) && (
        <>
          <NumberField
            label="Amount"
            value={within['amount']}
            at={`${at}/amount`}
            min={1}
            max={1_000_000}
            isWhole
            onChange={(amount) => change('amount', amount)}
          />
          <Choice
            label="Unit"
            options={UNITS}
            value={textOf(within['unit'])}
            at={`${at}/unit`}
            onChange={(unit) => change('unit', unit)}
          />
        </>
      )}
    </Group>
  )
}
