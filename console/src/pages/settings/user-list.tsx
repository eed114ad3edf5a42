import { Badge, Group, Stack, Text } from '@mantine/core'
import type { User } from '@tributary/sdk'
import { useQuery } from '@tanstack/react-query'
import { DataTable } from '../../parts/data-table.tsx'
import type { Column } from '../../parts/data-table.tsx'
import { ManagedBadge } from '../../parts/managed.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { Time } from '../../parts/time.tsx'
import { usersQuery } from './access-queries.ts'
import { UserActs } from './user-acts.tsx'

/** The users whom one may see, disabled ones included. */
export function UserList() {
  const query = useQuery(usersQuery)
  return (
    <QueryState query={query}>
      {({ items }) => <DataTable label="Users" columns={COLUMNS} rows={items} keyOf={({ id }) => id} />}
    </QueryState>
  )
}

const COLUMNS: readonly Column<User>[] = [
  { head: 'User', cell: (user) => <Who user={user} />, width: '34%' },
  { head: 'Rank', cell: ({ role }) => role },
  { head: 'Workspaces', cell: (user) => <Places user={user} /> },
  { head: 'Since', cell: ({ createdAt }) => <Time at={createdAt} /> },
  { head: 'Acts', cell: (user) => <UserActs user={user} />, align: 'right', width: 60 },
]

function Who({ user: { email, managedBy, hasTotp, disabledAt } }: { user: User }) {
  return (
    <Stack gap={4}>
      <Text size="sm" fw={600} c={disabledAt === null ? undefined : 'dimmed'}>
        {email}
      </Text>
      <Group gap={4}>
        {disabledAt !== null && (
          <Badge variant="outline" color="red.8" tt="none">
            disabled
          </Badge>
        )}
        {hasTotp && (
          <Badge variant="dot" color="teal" tt="none">
            second factor
          </Badge>
        )}
        {managedBy === 'config' && <ManagedBadge />}
      </Group>
    </Stack>
  )
}

function Places({ user: { role, workspaces } }: { user: User }) {
  if (role === 'owner') return 'all'
  if (workspaces.length === 0) return 'none'
  return (
    <Stack gap={2}>
      {workspaces.map(({ guid, name, role: roleThere }) => (
        <span key={guid}>
          {name}
          {role === 'member' && ` as ${roleThere ?? 'reader'}`}
        </span>
      ))}
    </Stack>
  )
}
