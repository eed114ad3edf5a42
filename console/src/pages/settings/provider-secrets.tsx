import { Button, Group, PasswordInput, Stack, Text } from '@mantine/core'
import { deleteSecret, listSecrets, putSecret } from '@tributary/sdk'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../../api/client.ts'
import { notifyDone } from '../../api/notify.ts'
import { answerOf } from '../../api/problem.ts'
import { Card } from '../../parts/card.tsx'
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { GraveButton } from '../../parts/grave.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { Time } from '../../parts/time.tsx'

const SECRETS = [
  { name: 'facebook', label: 'Facebook: the secret of the app' },
  { name: 'oauth', label: 'Your own provider: the secret of the client that asks' },
] as const

const KEY = ['secrets']

/** What identity providers gave to your apps: kept sealed, replaced and taken away, never shown. */
export function ProviderSecrets() {
  const query = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => answerOf(listSecrets({ client, signal })),
  })
  return (
    <Card title="Secrets of identity providers">
      <Stack gap="md">
        <Text size="sm" c="dimmed">
          They are sealed, and nobody can read them again here.
        </Text>
        <QueryState query={query} lines={2}>
          {({ items }) => (
            <Stack gap="sm">
              {SECRETS.map(({ name, label }) => (
                <SecretRow
                  key={name}
                  name={name}
                  label={label}
                  updatedAt={items.find((item) => item.name === name)?.updatedAt}
                />
              ))}
            </Stack>
          )}
        </QueryState>
      </Stack>
    </Card>
  )
}

function SecretRow(props: { name: string; label: string; updatedAt: string | undefined }) {
  const { name, label, updatedAt } = props
  const [opened, setOpened] = useState<'put' | 'delete'>()
  const close = (): void => setOpened(undefined)
  return (
    <Group justify="space-between" gap="xs">
      <Stack gap={0}>
        <Text size="sm">{label}</Text>
        <Text size="xs" c="dimmed" component="div">
          {updatedAt === undefined ? (
            'not set'
          ) : (
            <>
              set <Time at={updatedAt} />
            </>
          )}
        </Text>
      </Stack>
      <Group gap="xs">
        <Button variant="default" onClick={() => setOpened('put')} aria-label={`Set ${label}`}>
          {updatedAt === undefined ? 'Set' : 'Replace'}
        </Button>
        {updatedAt !== undefined && <GraveButton onClick={() => setOpened('delete')}>Remove</GraveButton>}
      </Group>
      {opened === 'put' && <PutDialog name={name} label={label} onClose={close} />}
      {opened === 'delete' && <DeleteDialog name={name} label={label} onClose={close} />}
    </Group>
  )
}

function PutDialog({ name, label, onClose }: { name: string; label: string; onClose: () => void }) {
  const [secret, setSecret] = useState('')
  const queryClient = useQueryClient()
  const put = useMutation({
    mutationFn: () => answerOf(putSecret({ client, path: { name }, body: { secret } })),
    onSuccess: () => {
      notifyDone('The secret is kept.')
      onClose()
      return queryClient.invalidateQueries({ queryKey: KEY })
    },
  })
  return (
    <FormDialog
      title={label}
      act="Keep it"
      isReady={secret !== ''}
      isPending={put.isPending}
      error={put.error}
      onSubmit={() => put.mutate()}
      onClose={onClose}
    >
      <PasswordInput
        label="Secret"
        autoComplete="off"
        required
        maxLength={4_096}
        data-autofocus
        value={secret}
        onChange={(event) => setSecret(event.currentTarget.value)}
      />
    </FormDialog>
  )
}

function DeleteDialog({ name, label, onClose }: { name: string; label: string; onClose: () => void }) {
  const queryClient = useQueryClient()
  const remove = useMutation({
    mutationFn: () => answerOf(deleteSecret({ client, path: { name } })),
    onSuccess: () => {
      onClose()
      return queryClient.invalidateQueries({ queryKey: KEY })
    },
  })
  return (
    <ConfirmDialog
      title={`Remove: ${label}`}
      act="Remove the secret"
      isPending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    >
      Logins by this provider are refused until there is one again.
    </ConfirmDialog>
  )
}
