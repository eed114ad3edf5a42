import { getWorkspace } from '@tributary/sdk'
import type { Workspace } from '@tributary/sdk'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { client } from '../../api/client.ts'
import { answerAndHeaders } from '../../api/problem.ts'
import { useWorkspace } from '../../api/session.ts'

/** A workspace as it was read; `version` goes with a change, so that nobody's change in between is lost. */
export interface ReadWorkspace {
  workspace: Workspace
  version: string
}

/** By which everything that was read of a workspace is found again. */
export const workspaceKey = (guid: string) => ['workspace', guid] as const

function workspaceQuery(guid: string) {
  return queryOptions({
    queryKey: [...workspaceKey(guid), 'versioned'],
    queryFn: async ({ signal }): Promise<ReadWorkspace> => {
      const { data, headers } = await answerAndHeaders(getWorkspace({ client, signal, path: { guid } }))
      return { workspace: data, version: headers.get('etag') ?? '*' }
    },
  })
}

/** The workspace that is open, with its settings. */
export function useReadWorkspace() {
  const { guid } = useWorkspace()
  return useQuery(workspaceQuery(guid))
}
