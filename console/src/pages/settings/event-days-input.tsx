import { Autocomplete, Button, Group, Input, NumberInput, Stack } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { listEventNames } from '@tributary/sdk'
import { useQuery } from '@tanstack/react-query'
import { client } from '../../api/client.ts'
import { answerOf } from '../../api/problem.ts'
import { IconAct } from '../../parts/icon-act.tsx'
import type { EventDays } from './policy-types.ts'

const DAYS_MAX = 36_500

/** Names of events with the days for which each is kept. */
export function EventDaysInput(props: {
  label: string
  description: string | undefined
  error: string | undefined
  value: readonly EventDays[]
  onChange: (value: readonly EventDays[]) => void
}) {
  const { label, description, error, value, onChange } = props
  const names = useNames()
  const change = (place: number, changed: Partial<EventDays>): void =>
    onChange(value.map((one, index) => (index === place ? { ...one, ...changed } : one)))
  return (
    <Input.Wrapper label={label} description={description} error={error} labelElement="div">
      <Stack gap="xs" mt={6} role="group" aria-label={label}>
        {value.map((row, place) => (
          <EventDaysRow
            // Rows have no other id than their place.
            key={place}
            row={row}
            line={place + 1}
            names={names}
            onChange={(changed) => change(place, changed)}
            onRemove={() => onChange(value.filter((_one, index) => index !== place))}
          />
        ))}
        <Group>
          <Button
            variant="default"
            size="xs"
            leftSection={<IconPlus size={14} aria-hidden />}
            onClick={() => onChange([...value, { name: '', days: 30 }])}
          >
            Add a name
          </Button>
        </Group>
      </Stack>
    </Input.Wrapper>
  )
}

function EventDaysRow(props: {
  row: EventDays
  line: number
  names: string[]
  onChange: (changed: Partial<EventDays>) => void
  onRemove: () => void
}) {
  const { row, line, names, onChange, onRemove } = props
  return (
    <Group gap="xs" wrap="nowrap">
      <Autocomplete
        aria-label={`Name of events, line ${line}`}
        placeholder="Name of events"
        flex={1}
        required
        data={names}
        value={row.name}
        onChange={(name) => onChange({ name })}
      />
      <NumberInput
        aria-label={`Days, line ${line}`}
        w={120}
        min={0}
        max={DAYS_MAX}
        allowDecimal={false}
        required
        suffix=" days"
        value={row.days}
        onChange={(days) => typeof days === 'number' && onChange({ days })}
      />
      <IconAct label={`Remove line ${line}`} icon={IconTrash} onClick={onRemove} />
    </Group>
  )
}

function useNames(): string[] {
  const { data } = useQuery({
    queryKey: ['event-names'],
    queryFn: ({ signal }) => answerOf(listEventNames({ client, signal })),
  })
  return data?.items.map(({ name }) => name) ?? []
}
