import { archiveWorkspace, logOut, selectWorkspace } from '@tributary/sdk'
import { useMutation } from '@tanstack/react-query'
import { client } from '../../api/client.ts'
import { answerOf } from '../../api/problem.ts'
import { useSession } from '../../api/session.ts'
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx'
import type { ReadWorkspace } from './workspace-query.ts'

/** Closes the workspace: the data stays, and no credential opens it any more. */
export function ArchiveDialog({ read, onClose }: { read: ReadWorkspace; onClose: () => void }) {
  const { guid, name } = read.workspace
  const { workspaces } = useSession()
  const other = workspaces.find((one) => one.guid !== guid)
  const archive = useMutation({
    mutationFn: async () => {
      await answerOf(archiveWorkspace({ client, path: { guid }, headers: { 'If-Match': read.version } }))
      await leaveTo(other?.guid)
    },
    onSuccess: () => window.location.assign(`${import.meta.env.BASE_URL}workspaces`),
  })
  return (
    <ConfirmDialog
      title={`Archive ${name}`}
      act="Archive the workspace"
      word={name}
      isPending={archive.isPending}
      error={archive.error}
      onConfirm={() => archive.mutate()}
      onClose={onClose}
    >
      The data stays in the database, but nothing opens the workspace any more: all of its keys end, nobody
      can enter it, and nothing here brings it back.
    </ConfirmDialog>
  )
}

/**
 * Nobody can be where nothing is any more. What fails here is left so: the workspace is closed already, to try again would
 * close it twice, and the page that comes next asks which one to enter.
 */
async function leaveTo(guid: string | undefined): Promise<void> {
  const left = guid === undefined ? logOut({ client }) : selectWorkspace({ client, body: { guid } })
  await left.catch(() => undefined)
}
