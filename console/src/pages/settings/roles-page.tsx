import { Badge, Button, Group, Stack, Text } from '@mantine/core'
import { IconPencil, IconPlus, IconTrash } from '@tabler/icons-react'
import { deleteRole } from '@tributary/sdk'
import type { Role } from '@tributary/sdk'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../../api/client.ts'
import { answerOf } from '../../api/problem.ts'
import { useWorkspace } from '../../api/session.ts'
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import { IconAct } from '../../parts/icon-act.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { SettingsPage } from '../../parts/settings-page.tsx'
import { rolesQuery } from './access-queries.ts'
import { RoleDialog } from './role-dialog.tsx'
import { summaryOf } from './role-permissions.ts'

/** What members may do in the workspace, by roles. */
export function RolesPage() {
  const { name } = useWorkspace()
  const [isOpen, setOpen] = useState(false)
  return (
    <SettingsPage
      title="Roles"
      text={`What members may do in ${name}. Owners and admins need no role.`}
      actions={
        <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setOpen(true)}>
          Add a role
        </Button>
      }
    >
      <RoleList />
      {isOpen && <RoleDialog role={undefined} onClose={() => setOpen(false)} />}
    </SettingsPage>
  )
}

function RoleList() {
  const query = useQuery(rolesQuery)
  return (
    <QueryState query={query} lines={2}>
      {({ items }) => (
        <DataTable
          label="Roles"
          rows={items}
          keyOf={({ name }) => name}
          columns={[
            { head: 'Role', cell: (role) => <Name role={role} />, width: '25%' },
            { head: 'May', cell: ({ permissions }) => <Summary permissions={permissions} /> },
            { head: 'Acts', cell: (role) => <RoleActs role={role} />, align: 'right', width: 90 },
          ]}
        />
      )}
    </QueryState>
  )
}

function Name({ role: { name, isBuiltIn } }: { role: Role }) {
  return (
    <Group gap="xs">
      <Text size="sm" fw={600}>
        {name}
      </Text>
      {isBuiltIn && (
        <Badge variant="default" tt="none">
          built in
        </Badge>
      )}
    </Group>
  )
}

function Summary({ permissions }: { permissions: readonly string[] }) {
  const lines = summaryOf(permissions)
  if (lines.length === 0) return 'Nothing'
  return (
    <Stack gap={2}>
      {lines.map((line) => (
        <span key={line}>{line}</span>
      ))}
    </Stack>
  )
}

function RoleActs({ role }: { role: Role }) {
  const [opened, setOpened] = useState<'change' | 'delete'>()
  const close = (): void => setOpened(undefined)
  if (role.isBuiltIn) return null
  return (
    <Group gap={4} justify="flex-end" wrap="nowrap">
      <IconAct label={`Change ${role.name}`} icon={IconPencil} onClick={() => setOpened('change')} />
      <IconAct label={`Delete ${role.name}`} icon={IconTrash} onClick={() => setOpened('delete')} />
      {opened === 'change' && <RoleDialog role={role} onClose={close} />}
      {opened === 'delete' && <DeleteDialog name={role.name} onClose={close} />}
    </Group>
  )
}

function DeleteDialog({ name, onClose }: { name: string; onClose: () => void }) {
  const queryClient = useQueryClient()
  const remove = useMutation({
    mutationFn: () => answerOf(deleteRole({ client, path: { name } })),
    onSuccess: () => {
      onClose()
      return queryClient.invalidateQueries({ queryKey: rolesQuery.queryKey })
    },
  })
  return (
    <ConfirmDialog
      title={`Delete the role ${name}`}
      act="Delete the role"
      isPending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    >
      Nobody may have it any more: give its members another one first.
    </ConfirmDialog>
  )
}
