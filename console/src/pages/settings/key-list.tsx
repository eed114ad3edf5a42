import { Code, Group, Stack, Text } from '@mantine/core'
import type { ApiKey } from '@tributary/sdk'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { DataTable } from '../../parts/data-table.tsx'
import type { Column } from '../../parts/data-table.tsx'
import { DialectBadge } from '../../parts/dialects.tsx'
import { EmptyState } from '../../parts/empty-state.tsx'
import { ManagedBadge } from '../../parts/managed.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { Time } from '../../parts/time.tsx'
import { keysQuery } from './access-queries.ts'
import { KeyActs } from './key-acts.tsx'
import { permissionWords, wordsOf } from './key-scopes.ts'
import { KeySecret } from './key-secret.tsx'

/** The living keys of the workspace. */
export function KeyList() {
  const query = useQuery(keysQuery)
  // A key that is rotated takes its row with it; what it left is shown all the same.
  const [secret, setSecret] = useState<string>()
  return (
    <>
      <QueryState query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title="No keys" text="Programs need one to send and to read anything here." />
          ) : (
            <DataTable label="API keys" columns={columnsOf(setSecret)} rows={items} keyOf={({ id }) => id} />
          )
        }
      </QueryState>
      {secret !== undefined && <KeySecret secret={secret} onClose={() => setSecret(undefined)} />}
    </>
  )
}

const columnsOf = (onSecret: (secret: string) => void): readonly Column<ApiKey>[] => [
  { head: 'Opens', cell: (key) => <Opens apiKey={key} />, width: '34%' },
  { head: 'Secret', cell: ({ prefix }) => <Code style={{ whiteSpace: 'nowrap' }}>{prefix}…</Code> },
  { head: 'May do', cell: (key) => <May apiKey={key} />, width: '22%' },
  { head: 'Made', cell: ({ createdAt }) => <Time at={createdAt} /> },
  {
    head: 'Last used',
    cell: ({ lastUsedAt }) => (lastUsedAt === null ? 'never' : <Time at={lastUsedAt} />),
  },
  { head: 'Acts', cell: (key) => <KeyActs apiKey={key} onSecret={onSecret} />, align: 'right', width: 60 },
]

function Opens({ apiKey: { id, scope, managedBy } }: { apiKey: ApiKey }) {
  const { dialect, kind, text, isPublic = false } = wordsOf(scope)
  return (
    <Stack gap={4} align="flex-start">
      <Group gap={6}>
        <DialectBadge dialect={dialect} />
        <Text size="sm" fw={600}>
          {kind === undefined ? '' : `${kind}, `}no. {id}
        </Text>
      </Group>
      <Text size="xs" c="dimmed">
        {text}
        {isPublic && ' Anybody can read it there.'}
      </Text>
      {managedBy === 'config' && <ManagedBadge />}
    </Stack>
  )
}

/** A key may have a hundred permissions: three lines of them tell what it is for. */
function May({ apiKey }: { apiKey: ApiKey }) {
  const words = permissionWords(apiKey)
  return (
    <Text size="sm" lineClamp={3} title={words}>
      {words}
    </Text>
  )
}
