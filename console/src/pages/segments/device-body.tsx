import { ActionIcon, Button, Group, Stack } from '@mantine/core'
import { IconPlus, IconX } from '@tabler/icons-react'
import { Choice } from '../../definitions/choice.tsx'
import { ComplaintText } from '../../definitions/complaint-text.tsx'
import { listOf, partOf, textOf, withItem, withMember } from '../../definitions/part.ts'
import type { Part } from '../../definitions/part.ts'
import { ValueTest } from '../../definitions/value-test.tsx'
import { DEVICE_FIELDS } from './condition-types.ts'

const FIELDS = Object.fromEntries(DEVICE_FIELDS.map((field) => [field, field]))
const DRAFT = { name: 'type', operator: 'equals', value: 'ios' }

/** Tests of one device, all of which it must pass; without any, having a device is enough. */
export function DeviceBody({
  part,
  at,
  onChange,
}: {
  part: Part
  at: string
  onChange: (part: Part) => void
}) {
  const filters = listOf(part['filters'])
  const change = (next: unknown[]): void =>
    onChange(withMember(part, 'filters', next.length === 0 ? undefined : next))
  return (
    <Stack gap="xs">
      {filters.map((filter, index) => (
        <DeviceTest
          // Tests have no names of their own; every input shows only what it is given.
          key={index}
          test={partOf(filter)}
          at={`${at}/filters/${index}`}
          onChange={(next) => change(withItem(filters, index, next))}
          onRemove={() => change(withItem(filters, index))}
        />
      ))}
      <Group>
        <Button
          variant="subtle"
          size="compact-sm"
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() => change([...filters, DRAFT])}
        >
          Of which …
        </Button>
      </Group>
    </Stack>
  )
}

function DeviceTest(props: { test: Part; at: string; onChange: (test: Part) => void; onRemove: () => void }) {
  const { test, at, onChange, onRemove } = props
  return (
    <Stack gap={4} className="inset" role="group" aria-label="Test of the device">
      <Group gap="xs" align="flex-end">
        <Choice
          label="Of the device"
          options={FIELDS}
          value={textOf(test['name'])}
          at={`${at}/name`}
          onChange={(name) => onChange(withMember(test, 'name', name))}
        />
        <ValueTest test={test} at={at} onChange={onChange} />
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label="Remove this test" onClick={onRemove}>
          <IconX size={16} aria-hidden />
        </ActionIcon>
      </Group>
      <ComplaintText at={at} />
    </Stack>
  )
}
