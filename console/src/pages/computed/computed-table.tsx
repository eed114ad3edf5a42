import { ActionIcon, Anchor, Text } from '@mantine/core'
import { IconTrash } from '@tabler/icons-react'
import type { Computed } from '@tributary/sdk'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useMay } from '../../api/session.ts'
import { useComputedNames } from '../../definitions/computed-list.ts'
import type { ComputedKind } from '../../definitions/computed-list.ts'
import { DataTable } from '../../parts/data-table.tsx'
import type { Column } from '../../parts/data-table.tsx'
import { Time } from '../../parts/time.tsx'
import { PATHS } from '../../paths.ts'
import { aggregateWords, formulaOf } from './computed-words.ts'
import { DeleteComputed } from './delete-computed.tsx'

/** Aggregates or expressions with what they say. */
export function ComputedTable({ kind, rows }: { kind: ComputedKind; rows: readonly Computed[] }) {
  const [deleted, setDeleted] = useState<Computed>()
  const nameOf = useComputedNames()
  const mayWrite = useMay()('segments:write')
  const columns = [
    nameColumn(kind),
    {
      head: 'Value',
      width: '45%',
      cell: ({ definition }: Computed) => (
        <Text size="sm" lineClamp={3}>
          {kind === 'aggregate' ? aggregateWords(definition) : formulaOf(definition, nameOf)}
        </Text>
      ),
    },
    { head: 'Changed', cell: ({ updatedAt }: Computed) => <Time at={updatedAt} /> },
  ]
  return (
    <>
      <DataTable
        label={kind === 'aggregate' ? 'Aggregates' : 'Expressions'}
        columns={mayWrite ? [...columns, removalColumn(setDeleted)] : columns}
        rows={rows}
        keyOf={({ id }) => id}
      />
      {deleted && <DeleteComputed kind={kind} computed={deleted} onClose={() => setDeleted(undefined)} />}
    </>
  )
}

function nameColumn(kind: ComputedKind): Column<Computed> {
  return {
    head: 'Name',
    width: '30%',
    cell: ({ id, name }) => (
      <Anchor
        size="sm"
        fw={550}
        renderRoot={(props) => (
          <Link {...props} to={PATHS.computed} search={{ kind: `${kind}s`, edit: id }} />
        )}
      >
        {name}
      </Anchor>
    ),
  }
}

function removalColumn(onDelete: (computed: Computed) => void): Column<Computed> {
  return {
    head: 'Delete',
    align: 'right',
    cell: (row) => (
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={`Delete ${row.name}`}
        onClick={() => onDelete(row)}
      >
        <IconTrash size={16} aria-hidden />
      </ActionIcon>
    ),
  }
}
