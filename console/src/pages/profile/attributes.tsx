import { Button, Group, Stack, TextInput } from '@mantine/core'
import { IconHistory, IconPencil, IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { useMay } from '../../api/session.ts'
import { DataTable } from '../../parts/data-table.tsx'
import { EmptyState } from '../../parts/empty-state.tsx'
import { IconAct } from '../../parts/icon-act.tsx'
import { valueText } from '../../parts/json-block.tsx'
import { AttributeDialog } from './attribute-dialog.tsx'
import { HistoryDrawer } from './history-drawer.tsx'
import type { ReadProfile } from './profile-query.ts'

/** Attributes of somebody: read, changed one by one, and what each was before. */
export function Attributes({ read }: { read: ReadProfile }) {
  const { id, attributes } = read.profile
  const may = useMay()
  const [filter, setFilter] = useState('')
  const [edited, setEdited] = useState<string | null>()
  const [shown, setShown] = useState<string>()
  const isAllowed = may('profiles:write')
  const rows = Object.entries(attributes)
    .filter(([name]) => name.toLowerCase().includes(filter.trim().toLowerCase()))
    .toSorted(([one], [other]) => one.localeCompare(other))
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <TextInput
          aria-label="Filter attributes"
          placeholder="Filter by name"
          value={filter}
          onChange={(event) => setFilter(event.currentTarget.value)}
        />
        {isAllowed && (
          <Button
            variant="default"
            leftSection={<IconPlus size={16} aria-hidden />}
            onClick={() => setEdited(null)}
          >
            Add an attribute
          </Button>
        )}
      </Group>
      <AttributeTable rows={rows} onHistory={setShown} onEdit={isAllowed ? setEdited : undefined} />
      {edited !== undefined && (
        <AttributeDialog read={read} name={edited ?? undefined} onClose={() => setEdited(undefined)} />
      )}
      {shown !== undefined && (
        <HistoryDrawer profileId={id} name={shown} onClose={() => setShown(undefined)} />
      )}
    </Stack>
  )
}

function AttributeTable(props: {
  rows: readonly [string, unknown][]
  onHistory: (name: string) => void
  /** Undefined where nothing may be changed. */
  onEdit: ((name: string) => void) | undefined
}) {
  const { rows, onHistory, onEdit } = props
  if (rows.length === 0) return <EmptyState title="No attributes" />
  return (
    <DataTable
      label="Attributes"
      rows={rows}
      keyOf={([name]) => name}
      columns={[
        { head: 'Name', cell: ([name]) => name },
        { head: 'Value', cell: ([, value]) => valueText(value) },
        {
          head: 'Acts',
          align: 'right',
          cell: ([name]) => (
            <Group gap={4} justify="flex-end" wrap="nowrap">
              <IconAct label={`History of ${name}`} icon={IconHistory} onClick={() => onHistory(name)} />
              {onEdit && <IconAct label={`Change ${name}`} icon={IconPencil} onClick={() => onEdit(name)} />}
            </Group>
          ),
        },
      ]}
    />
  )
}
