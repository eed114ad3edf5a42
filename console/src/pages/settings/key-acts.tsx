import { ActionIcon, Menu, Text } from '@mantine/core'
import { IconDotsVertical } from '@tabler/icons-react'
import { endTokens, revokeKey, rotateKey } from '@tributary/sdk'
import type { ApiKey } from '@tributary/sdk'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../../api/client.ts'
import { notifyDone } from '../../api/notify.ts'
import { answerOf } from '../../api/problem.ts'
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx'
import { plural } from '../../parts/format.ts'
import { GraveItem } from '../../parts/grave.tsx'
import { keysQuery } from './access-queries.ts'
import { labelOf } from './key-scopes.ts'

type Act = 'rotate' | 'end-tokens' | 'revoke'

/** What can be done about a key. One of the configuration file is changed there; what it bought can be ended here. */
export function KeyActs(props: { apiKey: ApiKey; onSecret: (secret: string) => void }) {
  const { apiKey, onSecret } = props
  const { id, scope, managedBy } = apiKey
  const [opened, setOpened] = useState<Act>()
  const label = `${labelOf(scope)}, no. ${id}`
  const isOwn = managedBy !== 'config'
  const close = (): void => setOpened(undefined)
  return (
    <>
      <Menu position="bottom-end" width={220}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={`Acts on ${label}`}>
            <IconDotsVertical size={16} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item disabled={!isOwn} onClick={() => setOpened('rotate')}>
            Rotate
          </Menu.Item>
          <Menu.Item onClick={() => setOpened('end-tokens')}>End its tokens</Menu.Item>
          <GraveItem disabled={!isOwn} onClick={() => setOpened('revoke')}>
            Revoke
          </GraveItem>
          {!isOwn && (
            <Text size="xs" c="dimmed" px="sm" py={4}>
              The configuration file declares it: change or end it there.
            </Text>
          )}
        </Menu.Dropdown>
      </Menu>
      {opened && <KeyConfirmation id={id} label={label} act={opened} onSecret={onSecret} onClose={close} />}
    </>
  )
}

const WORDS = {
  rotate: {
    act: 'Rotate the key',
    text: 'The key ends with the tokens that it bought, and another one with the same permissions takes its place. Whoever uses it now is refused until it has the new secret.',
  },
  'end-tokens': {
    act: 'End its tokens',
    text: 'Access tokens that the key bought open nothing any more. The key stays: whoever has it buys new ones.',
  },
  revoke: {
    act: 'Revoke the key',
    text: 'The key ends for ever, with the tokens that it bought. Whoever uses it is refused within two seconds.',
  },
} as const

function KeyConfirmation(props: {
  id: number
  label: string
  act: Act
  onSecret: (secret: string) => void
  onClose: () => void
}) {
  const { id, label, act: name, onSecret, onClose } = props
  const { act, text } = WORDS[name]
  const queryClient = useQueryClient()
  const mutation = useMutation({
    mutationFn: () => perform(name, String(id)),
    onSuccess: ({ secret, done }) => {
      if (done !== undefined) notifyDone(done)
      if (secret !== undefined) onSecret(secret)
      onClose()
      return queryClient.invalidateQueries({ queryKey: keysQuery.queryKey })
    },
  })
  return (
    <ConfirmDialog
      title={`${act}: ${label}`}
      act={act}
      isPending={mutation.isPending}
      error={mutation.error}
      onConfirm={() => mutation.mutate()}
      onClose={onClose}
    >
      {text}
    </ConfirmDialog>
  )
}

async function perform(act: Act, keyId: string): Promise<{ secret?: string; done?: string }> {
  const path = { keyId }
  switch (act) {
    case 'rotate':
      return { secret: (await answerOf(rotateKey({ client, path }))).secret }
    case 'end-tokens': {
      const { ended } = await answerOf(endTokens({ client, path }))
      return { done: `${plural(ended, 'token')} ended.` }
    }
    case 'revoke':
      await answerOf(revokeKey({ client, path }))
      return { done: 'The key is revoked.' }
  }
}
