import { ActionIcon, Menu } from '@mantine/core'
import { IconDotsVertical } from '@tabler/icons-react'
import { patchUser, resetMfa } from '@tributary/sdk'
import type { User } from '@tributary/sdk'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../../api/client.ts'
import { notifyDone } from '../../api/notify.ts'
import { answerOf } from '../../api/problem.ts'
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx'
import { GraveItem } from '../../parts/grave.tsx'
import { usersQuery } from './access-queries.ts'
import { UserDialog } from './user-dialog.tsx'

type Opened = 'change' | 'disable' | 'enable' | 'reset' | undefined

/** What can be done about a user. What the configuration file declares keeps its rank and places. */
export function UserActs({ user }: { user: User }) {
  const [opened, setOpened] = useState<Opened>()
  const isOwn = user.managedBy !== 'config'
  const close = (): void => setOpened(undefined)
  if (!isOwn && !user.hasTotp) return null
  return (
    <>
      <Menu position="bottom-end" width={220}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={`Acts on ${user.email}`}>
            <IconDotsVertical size={16} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {isOwn && <Menu.Item onClick={() => setOpened('change')}>Rank and workspaces</Menu.Item>}
          {user.hasTotp && <Menu.Item onClick={() => setOpened('reset')}>Reset the second factor</Menu.Item>}
          {isOwn && user.disabledAt !== null && (
            <Menu.Item onClick={() => setOpened('enable')}>Enable</Menu.Item>
          )}
          {isOwn && user.disabledAt === null && (
            <GraveItem onClick={() => setOpened('disable')}>Disable</GraveItem>
          )}
        </Menu.Dropdown>
      </Menu>
      {opened === 'change' && <UserDialog user={user} onClose={close} />}
      {(opened === 'disable' || opened === 'enable' || opened === 'reset') && (
        <UserConfirmation user={user} act={opened} onClose={close} />
      )}
    </>
  )
}

const ACTS = {
  disable: {
    act: 'Disable the user',
    text: 'is signed out everywhere and cannot sign in any more. Invitations that were sent by this user end.',
    done: 'is disabled.',
  },
  enable: { act: 'Enable the user', text: 'can sign in again, with the same password.', done: 'is enabled.' },
  reset: {
    act: 'Reset the second factor',
    text: 'is signed out everywhere, and signs in with the password alone until a second factor is set up anew. Make sure that it is really this person who asks.',
    done: 'has no second factor any more.',
  },
} as const

function UserConfirmation(props: { user: User; act: keyof typeof ACTS; onClose: () => void }) {
  const { user, act: name, onClose } = props
  const { act, text, done } = ACTS[name]
  const queryClient = useQueryClient()
  const mutation = useMutation({
    mutationFn: async () => {
      const path = { userId: String(user.id) }
      if (name === 'reset') await answerOf(resetMfa({ client, path }))
      else await answerOf(patchUser({ client, path, body: { disabled: name === 'disable' } }))
    },
    onSuccess: () => {
      notifyDone(`${user.email} ${done}`)
      onClose()
      return queryClient.invalidateQueries({ queryKey: usersQuery.queryKey })
    },
  })
  return (
    <ConfirmDialog
      title={act}
      act={act}
      isPending={mutation.isPending}
      error={mutation.error}
      onConfirm={() => mutation.mutate()}
      onClose={onClose}
    >
      {user.email} {text}
    </ConfirmDialog>
  )
}
