import { ActionIcon, Button, Group } from '@mantine/core'
import { IconDownload, IconTrash } from '@tabler/icons-react'
import { cancelExport, deleteExport, getExport } from '@tributary/sdk'
import type { Export } from '@tributary/sdk'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../../api/client.ts'
import { notifyDone, notifyProblem } from '../../api/notify.ts'
import { ProblemError, answerOf } from '../../api/problem.ts'
import { useMay } from '../../api/session.ts'
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx'

/** Fetches, cancels or deletes an export, as its state lets one. */
export function ExportActs({ task }: { task: Export }) {
  const mayWrite = useMay()('exports:write')
  const isGoing = task.state === 'queued' || task.state === 'running'
  return (
    <Group gap={4} justify="flex-end" wrap="nowrap">
      {task.state === 'ready' && <DownloadButton task={task} />}
      {mayWrite && isGoing && <CancelButton task={task} />}
      {mayWrite && !isGoing && <DeleteButton task={task} />}
    </Group>
  )
}

function DownloadButton({ task }: { task: Export }) {
  const download = useMutation({
    mutationFn: async () => {
      // The list has no links: each opens its file for a day to whoever has it.
      const read = await answerOf(getExport({ client, path: { exportId: String(task.id) } }))
      if (read.download) return read.download.url
      throw new ProblemError({ title: 'There is no file any more.', detail: 'Ask for a new export.' })
    },
    onSuccess: (url) => window.location.assign(url),
    onError: (error) => notifyProblem(error),
  })
  return (
    <Button
      size="compact-sm"
      variant="light"
      leftSection={<IconDownload size={14} aria-hidden />}
      loading={download.isPending}
      onClick={() => download.mutate()}
      aria-label={`Download export ${task.id}`}
    >
      Download
    </Button>
  )
}

function CancelButton({ task }: { task: Export }) {
  const queryClient = useQueryClient()
  const cancel = useMutation({
    mutationFn: () => answerOf(cancelExport({ client, path: { exportId: String(task.id) } })),
    onSuccess: () => notifyDone('The export was cancelled.'),
    onError: (error) => notifyProblem(error),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['exports'] }),
  })
  return (
    <Button
      size="compact-sm"
      variant="default"
      loading={cancel.isPending}
      onClick={() => cancel.mutate()}
      aria-label={`Cancel export ${task.id}`}
    >
      Cancel
    </Button>
  )
}

function DeleteButton({ task }: { task: Export }) {
  const [isAsking, setIsAsking] = useState(false)
  const queryClient = useQueryClient()
  const remove = useMutation({
    mutationFn: () => answerOf(deleteExport({ client, path: { exportId: String(task.id) } })),
    onSuccess: async () => {
      notifyDone('The export was deleted.')
      setIsAsking(false)
      await queryClient.invalidateQueries({ queryKey: ['exports'] })
    },
  })
  return (
    <>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={`Delete export ${task.id}`}
        onClick={() => setIsAsking(true)}
      >
        <IconTrash size={16} aria-hidden />
      </ActionIcon>
      {isAsking && (
        <ConfirmDialog
          title="Delete this export?"
          act="Delete export"
          isPending={remove.isPending}
          error={remove.error}
          onConfirm={() => remove.mutate()}
          onClose={() => setIsAsking(false)}
        >
          Its file is gone then, and links to it no longer work.
        </ConfirmDialog>
      )}
    </>
  )
}
