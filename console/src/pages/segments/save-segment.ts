import { putSegment } from '@tributary/sdk'
import type { Segment } from '@tributary/sdk'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { asOpened } from '../../api/as-opened.ts'
import { client } from '../../api/client.ts'
import { notifyDone } from '../../api/notify.ts'
import { answerOf } from '../../api/problem.ts'
import { PATHS } from '../../paths.ts'

/** What is saved. `isForced`: also over what somebody else saved meanwhile. */
interface Save {
  name: string
  definition: unknown
  isForced: boolean
}

/** Saves a segment that was opened at some version, and goes to its page. */
export function useSaveSegment(opened: Segment) {
  const navigate = useNavigate()
  const queryClient = useQueryClient()
  const path = { segmentId: opened.id }
  return useMutation({
    mutationFn: ({ isForced, ...body }: Save) =>
      answerOf(putSegment({ client, path, body, ...(!isForced && asOpened(opened)) })),
    onSuccess: async (segment) => {
      queryClient.setQueryData(['segment', segment.id], segment)
      await queryClient.invalidateQueries({ queryKey: ['segments'] })
      notifyDone(`The segment ${segment.name} was saved.`)
      await navigate({ to: PATHS.segment, params: { segmentId: segment.id } })
    },
  })
}
