import { Group, Stack } from '@mantine/core'
import { FiltersInput } from './filters-input.tsx'
import { NameInput } from './name-input.tsx'
import { withMember } from './part.ts'
import type { Part } from './part.ts'

/** Which events: of a name, or of any when there is none, that pass every test of their properties. */
export function EventsInput(props: { events: Part; at: string; onChange: (events: Part) => void }) {
  const { events, at, onChange } = props
  const name = typeof events['name'] === 'string' ? events['name'] : undefined
  return (
    <Stack gap="xs">
      <Group gap="xs">
        <NameInput
          label="Event"
          target={{ of: 'event' }}
          value={name ?? ''}
          placeholder="Any event"
          at={`${at}/name`}
          onChange={(next) => onChange(withMember(events, 'name', next === '' ? undefined : next))}
        />
      </Group>
      <FiltersInput
        filters={events['filters']}
        event={name}
        at={`${at}/filters`}
        onChange={(filters) => onChange(withMember(events, 'filters', filters))}
      />
    </Stack>
  )
}
