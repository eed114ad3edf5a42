import { Button, Group, TextInput } from '@mantine/core'
import { createWorkspace } from '@tributary/sdk'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../../api/client.ts'
import { useEnter } from '../../api/enter.ts'
import { answerOf, complaintAt } from '../../api/problem.ts'
import { sessionQuery, useSession } from '../../api/session.ts'
import { CopyText } from '../../parts/copy-text.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { ShownOnce } from '../../parts/shown-once.tsx'

/** Makes a workspace; the secret of its first key is shown once. */
export function NewWorkspaceDialog({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('')
  const queryClient = useQueryClient()
  const create = useMutation({
    mutationFn: () => answerOf(createWorkspace({ client, body: { name: name.trim() } })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey }),
  })
  if (create.data)
    return (
      <Made
        name={create.data.name}
        guid={create.data.guid}
        secret={create.data.apiKey.secret}
        onClose={onClose}
      />
    )
  return (
    <FormDialog
      title="Make a workspace"
      act="Make it"
      isReady={name.trim() !== ''}
      isPending={create.isPending}
      error={create.error}
      onSubmit={() => create.mutate()}
      onClose={onClose}
    >
      <TextInput
        label="Name"
        description="No two are equal. Its settings stand under Policies once it is open."
        required
        maxLength={255}
        data-autofocus
        value={name}
        error={complaintAt(create.error, '/name')}
        onChange={(event) => setName(event.currentTarget.value)}
      />
    </FormDialog>
  )
}

function Made(props: { name: string; guid: string; secret: string; onClose: () => void }) {
  const { name, guid, secret, onClose } = props
  const enter = useEnter()
  const { workspaces } = useSession()
  const isOpen = workspaces.some((one) => one.guid === guid)
  return (
    <ShownOnce
      title={`${name} is made`}
      text="This is the secret of its first key, for Tributary’s own API; it may do everything there. It is shown only now."
      onClose={onClose}
    >
      <CopyText block text={secret} label="the secret" />
      {isOpen && (
        <Group>
          <Button
            variant="default"
            loading={enter.isPending}
            onClick={() => enter.mutate({ guid, next: undefined })}
          >
            I have kept it: open {name}
          </Button>
        </Group>
      )}
    </ShownOnce>
  )
}
