import { Button, Menu } from '@mantine/core'
import { IconChevronDown, IconFileExport, IconPencil, IconRefresh, IconTrash } from '@tabler/icons-react'
import { recomputeSegment } from '@tributary/sdk'
import type { Segment } from '@tributary/sdk'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { client } from '../../api/client.ts'
import { notifyDone, notifyProblem } from '../../api/notify.ts'
import { answerOf } from '../../api/problem.ts'
import { useMay } from '../../api/session.ts'
import { PATHS } from '../../paths.ts'
import { DeleteSegment } from './delete-segment.tsx'

/** What can be done with a segment, as far as one may. */
export function SegmentActs({ segment }: { segment: Segment }) {
  const may = useMay()
  const { id } = segment
  return (
    <>
      {may('exports:write') && (
        <Button
          variant="default"
          leftSection={<IconFileExport size={16} aria-hidden />}
          renderRoot={(props) => (
            <Link {...props} to={PATHS.exportDraft} search={{ segment: id, kind: 'profiles' }} />
          )}
        >
          Export
        </Button>
      )}
      {may('segments:write') && (
        <>
          <Button
            leftSection={<IconPencil size={16} aria-hidden />}
            renderRoot={(props) => <Link {...props} to={PATHS.segmentEdit} params={{ segmentId: id }} />}
          >
            Edit
          </Button>
          <MoreActs segment={segment} />
        </>
      )}
    </>
  )
}

function MoreActs({ segment }: { segment: Segment }) {
  const queryClient = useQueryClient()
  const [isDeleting, setIsDeleting] = useState(false)
  const recompute = useMutation({
    mutationFn: () => answerOf(recomputeSegment({ client, path: { segmentId: segment.id } })),
    onSuccess: (renewed) => {
      queryClient.setQueryData(['segment', segment.id], renewed)
      notifyDone('All profiles are looked at anew.')
    },
    onError: (error) => notifyProblem(error),
  })
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button
            variant="default"
            loading={recompute.isPending}
            rightSection={<IconChevronDown size={14} aria-hidden />}
          >
            More
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconRefresh size={16} aria-hidden />} onClick={() => recompute.mutate()}>
            Recompute
          </Menu.Item>
          <Menu.Item leftSection={<IconTrash size={16} aria-hidden />} onClick={() => setIsDeleting(true)}>
            Delete …
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {isDeleting && <DeleteSegment segment={segment} onClose={() => setIsDeleting(false)} />}
    </>
  )
}
