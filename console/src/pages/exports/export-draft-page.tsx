import { Button, Group, Paper, Stack } from '@mantine/core'
import { createExport } from '@tributary/sdk'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link, getRouteApi, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { client } from '../../api/client.ts'
import { notifyDone } from '../../api/notify.ts'
import { answerOf } from '../../api/problem.ts'
import { useMay } from '../../api/session.ts'
import { Page } from '../../parts/page.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { PATHS } from '../../paths.ts'
import { EMPTY_EXPORT, exportBody } from './export-body.ts'
import type { ExportDraft } from './export-body.ts'
import { ExportForm } from './export-form.tsx'

const route = getRouteApi('/with-session/in-workspace/exports/new')

/** Asks for a file of profiles or of events. */
export function ExportDraftPage() {
  const [draft, change] = useDraft()
  const create = useCreate()
  const mayWrite = useMay()('exports:write')
  const hasColumns = draft.fields === undefined || draft.fields.length > 0
  return (
    <Page title="New export" text="The file shows one instant, and is written while you do something else.">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (hasColumns) create.mutate(draft)
        }}
      >
        <Paper withBorder p={{ base: 'sm', sm: 'md' }} maw={720}>
          <Stack gap="md">
            <ExportForm draft={draft} onChange={change} error={create.error} />
            {create.error && <ProblemAlert error={create.error} />}
            <Group gap="xs">
              <Button type="submit" loading={create.isPending} disabled={!hasColumns || !mayWrite}>
                Start the export
              </Button>
              <Button component={Link} to={PATHS.exports} variant="default">
                Cancel
              </Button>
            </Group>
          </Stack>
        </Paper>
      </form>
    </Page>
  )
}

/** The draft; the address holds which rows it is about. */
function useDraft() {
  const { segment, kind } = route.useSearch()
  const navigate = route.useNavigate()
  const [rest, setRest] = useState(EMPTY_EXPORT)
  const draft: ExportDraft = {
    ...rest,
    kind: kind === 'events' ? 'events' : 'profiles',
    segmentId: segment ?? '',
  }
  const change = ({
    kind: nextKind = draft.kind,
    segmentId = draft.segmentId,
    ...others
  }: Partial<ExportDraft>) => {
    setRest((before) => ({ ...before, ...others }))
    if (nextKind === draft.kind && segmentId === draft.segmentId) return
    void navigate({ search: { kind: nextKind, segment: segmentId || undefined }, replace: true })
  }
  return [draft, change] as const
}

function useCreate() {
  const navigate = useNavigate()
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: (draft: ExportDraft) => answerOf(createExport({ client, body: exportBody(draft) })),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: ['exports'] })
      notifyDone('The export was started.')
      await navigate({ to: PATHS.exports })
    },
  })
}
