import { ActionIcon, Button, Group, Stack } from '@mantine/core'
import { IconPlus, IconX } from '@tabler/icons-react'
import { ComplaintText } from './complaint-text.tsx'
import { FieldInput } from './field-input.tsx'
import { listOf, partOf, textOf, withItem } from './part.ts'
import type { Part } from './part.ts'
import { useTypes } from './suggestions.ts'
import { ValueTest } from './value-test.tsx'

/** Tests that properties of events must pass, all of them. `event` is the name of the events; undefined is any. */
export function FiltersInput(props: {
  filters: unknown
  event: string | undefined
  at: string
  onChange: (filters: unknown[] | undefined) => void
}) {
  const { event, at, onChange } = props
  const filters = listOf(props.filters)
  const change = (next: unknown[]): void => onChange(next.length === 0 ? undefined : next)
  return (
    <Stack gap="xs">
      {filters.map((filter, index) => (
        <FilterRow
          // Filters have no names of their own; every input shows only what it is given.
          key={index}
          filter={partOf(filter)}
          event={event}
          at={`${at}/${index}`}
          onChange={(next) => change(withItem(filters, index, next))}
          onRemove={() => change(withItem(filters, index))}
        />
      ))}
      <Group>
        <Button
          variant="subtle"
          size="compact-sm"
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() => change([...filters, { name: '', operator: 'equals', value: '' }])}
        >
          Where a property …
        </Button>
      </Group>
    </Stack>
  )
}

function FilterRow(props: {
  filter: Part
  event: string | undefined
  at: string
  onChange: (filter: Part) => void
  onRemove: () => void
}) {
  const { filter, event, at, onChange, onRemove } = props
  const target = { of: 'property', event } as const
  const types = useTypes(target, textOf(filter['name']))
  return (
    <Stack gap={4} className="inset" role="group" aria-label="Test of a property">
      <Group gap="xs" align="flex-end">
        <FieldInput label="Property" target={target} field={filter} at={at} onChange={onChange} />
        <ValueTest
          test={filter}
          at={at}
          types={filter['path'] === undefined ? types : []}
          onChange={onChange}
        />
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label="Remove this test" onClick={onRemove}>
          <IconX size={16} aria-hidden />
        </ActionIcon>
      </Group>
      <ComplaintText at={at} />
    </Stack>
  )
}
