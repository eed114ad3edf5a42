import { Button, Stack, Text } from '@mantine/core'
import { unmergeProfile } from '@tributary/sdk'
import type { Merge } from '@tributary/sdk'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { client } from '../../api/client.ts'
import { notifyDone } from '../../api/notify.ts'
import { answerOf } from '../../api/problem.ts'
import { useMay } from '../../api/session.ts'
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx'
import { profileKey } from './profile-query.ts'

const route = getRouteApi('/with-session/in-workspace/profiles/$profileId')

/** The way to take a merge back. */
export function Unmerge({ merge, profileId }: { merge: Merge; profileId: number }) {
  const may = useMay()
  const queryClient = useQueryClient()
  const navigate = route.useNavigate()
  const [isAsked, setAsked] = useState(false)
  const unmerge = useMutation({
    mutationFn: () => answerOf(unmergeProfile({ client, path: { profileId: String(merge.profileId) } })),
    onSuccess: async () => {
      notifyDone(`Profile ${merge.profileId} is one of its own again.`)
      setAsked(false)
      // Whoever came by the id that was merged away is told so no longer.
      await navigate({ search: (before) => ({ ...before, merged: undefined }), replace: true })
      queryClient.removeQueries({ queryKey: profileKey(String(merge.profileId)) })
      await queryClient.invalidateQueries({ queryKey: profileKey(String(profileId)) })
    },
  })
  return (
    <Stack gap="xs" align="flex-start">
      <Text size="sm">Its identifiers, events and attributes live on in this profile.</Text>
      {may('profiles:merge') && (
        <Button size="xs" variant="default" onClick={() => setAsked(true)}>
          Take the merge back
        </Button>
      )}
      {isAsked && (
        <ConfirmDialog
          title="Take the merge back"
          act="Take the merge back"
          isPending={unmerge.isPending}
          error={unmerge.error}
          onConfirm={() => unmerge.mutate()}
          onClose={() => setAsked(false)}
        >
          Profile {merge.profileId} gets back what it had when it was merged, with its own events.
        </ConfirmDialog>
      )}
    </Stack>
  )
}
