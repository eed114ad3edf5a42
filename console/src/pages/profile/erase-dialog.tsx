import { Checkbox, Radio, Stack, Text } from '@mantine/core'
import { deleteProfile } from '@tributary/sdk'
import type { Profile } from '@tributary/sdk'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { client } from '../../api/client.ts'
import { notifyDone } from '../../api/notify.ts'
import { answerAndHeaders } from '../../api/problem.ts'
import { useMay } from '../../api/session.ts'
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx'
import { nameOf } from '../../parts/person.ts'
import { PATHS } from '../../paths.ts'

type Mode = 'delete' | 'erase'

/** Takes away a profile, or the person everywhere. Neither can be undone, so the id must be typed. */
export function EraseDialog({ profile, onClose }: { profile: Profile; onClose: () => void }) {
  const may = useMay()
  const [mode, setMode] = useState<string>('delete')
  const [isBarred, setBarred] = useState(false)
  const erase = useErase(profile.id)
  return (
    <ConfirmDialog
      title={`Delete or erase ${nameOf(profile)}`}
      act={mode === 'erase' ? 'Erase the person' : 'Delete the profile'}
      word={String(profile.id)}
      isPending={erase.isPending}
      error={erase.error}
      onConfirm={() => erase.mutate({ mode: mode as Mode, isBarred })}
      onClose={onClose}
    >
      <Stack gap="sm">
        <Radio.Group label="What goes" value={mode} onChange={setMode}>
          <Stack gap={6} mt={4}>
            <Radio
              value="delete"
              label="The profile"
              description="With its events, purchases, devices, notes and log of changes."
            />
            <Radio
              value="erase"
              label="The person, everywhere"
              description="Also every copy of what was sent: ledger, exports, outbox, files of imports. There will be a receipt."
              disabled={!may('profiles:erase')}
            />
          </Stack>
        </Radio.Group>
        {mode === 'erase' && (
          <Checkbox
            label="Ignore whatever names this person from now on"
            checked={isBarred}
            onChange={(event) => setBarred(event.currentTarget.checked)}
          />
        )}
        <Text size="sm" fw={600}>
          This cannot be undone.
        </Text>
      </Stack>
    </ConfirmDialog>
  )
}

function useErase(id: number) {
  const queryClient = useQueryClient()
  const navigate = useNavigate()
  return useMutation({
    mutationFn: ({ mode, isBarred }: { mode: Mode; isBarred: boolean }) =>
      answerAndHeaders(
        deleteProfile({
          client,
          path: { profileId: String(id) },
          query: mode === 'erase' ? { mode, tombstone: isBarred ? 'true' : 'false' } : {},
        }),
      ),
    onSuccess: async (_answer, { mode }) => {
      notifyDone(
        mode === 'erase' ? 'The erasure runs; its receipt is under Erasures.' : 'The profile is gone.',
      )
      queryClient.removeQueries({ queryKey: ['profile'] })
      await queryClient.invalidateQueries({ queryKey: ['profiles'] })
      await navigate({ to: mode === 'erase' ? PATHS.erasures : PATHS.profiles })
    },
  })
}
