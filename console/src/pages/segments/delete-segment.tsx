import { deleteSegment } from '@tributary/sdk'
import type { Segment } from '@tributary/sdk'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { client } from '../../api/client.ts'
import { notifyDone } from '../../api/notify.ts'
import { answerOf } from '../../api/problem.ts'
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx'
import { PATHS } from '../../paths.ts'

/** Asks whether a segment is to go, and lets it go. */
export function DeleteSegment({ segment, onClose }: { segment: Segment; onClose: () => void }) {
  const { id: segmentId, name } = segment
  const navigate = useNavigate()
  const queryClient = useQueryClient()
  const remove = useMutation({
    mutationFn: () => answerOf(deleteSegment({ client, path: { segmentId } })),
    onSuccess: async () => {
      notifyDone(`The segment ${name} was deleted.`)
      await navigate({ to: PATHS.segments })
      queryClient.removeQueries({ queryKey: ['segment', segmentId] })
      await queryClient.invalidateQueries({ queryKey: ['segments'] })
    },
  })
  return (
    <ConfirmDialog
      title="Delete this segment?"
      act="Delete segment"
      isPending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    >
      “{name}” and the history of its size are gone then. The profiles in it stay as they are.
    </ConfirmDialog>
  )
}
