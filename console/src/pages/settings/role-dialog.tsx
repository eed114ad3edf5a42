import { Button, Group, TextInput } from '@mantine/core'
import { putRole } from '@tributary/sdk'
import type { Role } from '@tributary/sdk'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../../api/client.ts'
import { notifyDone } from '../../api/notify.ts'
import { answerOf } from '../../api/problem.ts'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { rolesQuery } from './access-queries.ts'
import { RoleMatrix } from './role-matrix.tsx'
import { compact, expand } from './role-permissions.ts'
import type { Permission } from './role-permissions.ts'

/** Makes a role, or changes what one may do: who has it may do so at once. */
export function RoleDialog({ role, onClose }: { role: Role | undefined; onClose: () => void }) {
  const [name, setName] = useState(role?.name ?? '')
  const [held, setHeld] = useState<ReadonlySet<Permission>>(expand(role?.permissions ?? ['*:read']))
  const save = useSave(onClose)
  return (
    <FormDialog
      title={role ? `What ${role.name} may do` : 'Add a role'}
      act={role ? 'Save' : 'Add the role'}
      size="xl"
      isPending={save.isPending}
      error={save.error}
      onSubmit={() => save.mutate({ name: name.trim(), permissions: compact(held) })}
      onClose={onClose}
    >
      {!role && (
        <TextInput
          label="Name"
          required
          maxLength={255}
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
      )}
      <Group gap="xs">
        <Preset label="Nothing" permissions={[]} onChoose={setHeld} />
        <Preset label="Read everything" permissions={['*:read']} onChoose={setHeld} />
        <Preset label="Everything" permissions={['*']} onChoose={setHeld} />
      </Group>
      <RoleMatrix held={held} onChange={setHeld} />
    </FormDialog>
  )
}

function Preset(props: {
  label: string
  permissions: readonly string[]
  onChoose: (held: ReadonlySet<Permission>) => void
}) {
  const { label, permissions, onChoose } = props
  return (
    <Button variant="default" size="xs" onClick={() => onChoose(expand(permissions))}>
      {label}
    </Button>
  )
}

function useSave(onClose: () => void) {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: ({ name, permissions }: { name: string; permissions: string[] }) =>
      answerOf(putRole({ client, path: { name }, body: { permissions } })),
    onSuccess: ({ name }) => {
      notifyDone(`Saved. Who is a ${name} may do so at once.`)
      onClose()
      return queryClient.invalidateQueries({ queryKey: rolesQuery.queryKey })
    },
  })
}
