import { patchWorkspace } from '@tributary/sdk'
import type { PatchWorkspaceData } from '@tributary/sdk'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { client } from '../../api/client.ts'
import { notifyDone } from '../../api/notify.ts'
import { answerAndHeaders } from '../../api/problem.ts'
import { sessionQuery } from '../../api/session.ts'
import { workspaceKey } from './workspace-query.ts'
import type { ReadWorkspace } from './workspace-query.ts'

/**
 * Changes a workspace under the version that was read. What is there is read anew, also after a conflict, so that a second
 * save is a decision over what is there now.
 */
export function usePatchWorkspace({ workspace: { guid }, version }: ReadWorkspace, onDone?: () => void) {
  const queryClient = useQueryClient()
  const reread = () => queryClient.invalidateQueries({ queryKey: workspaceKey(guid) })
  return useMutation({
    mutationFn: (body: PatchWorkspaceData['body']) =>
      answerAndHeaders(patchWorkspace({ client, path: { guid }, headers: { 'If-Match': version }, body })),
    onSuccess: async () => {
      notifyDone('Saved.')
      await Promise.all([reread(), queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey })])
      onDone?.()
    },
    onError: reread,
  })
}
