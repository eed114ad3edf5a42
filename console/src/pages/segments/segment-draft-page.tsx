import { useDebouncedValue } from '@mantine/hooks'
import { createSegment } from '@tributary/sdk'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useCallback, useEffect, useState } from 'react'
import { client } from '../../api/client.ts'
import { notifyDone } from '../../api/notify.ts'
import { answerOf } from '../../api/problem.ts'
import { useDefinitionDraft, useKeptDraft } from '../../definitions/definition-draft.ts'
import { Page } from '../../parts/page.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { PATHS } from '../../paths.ts'
import { SegmentForm } from './segment-form.tsx'

const route = getRouteApi('/with-session/in-workspace/segments/new')

const EMPTY = { type: 'and', conditions: [] }

/** A segment that is not saved yet; its address holds the definition. */
export function SegmentDraftPage() {
  const search = route.useSearch()
  const navigate = useNavigate()
  const [name, setName] = useKeptName(search.name)
  const draft = useDefinitionDraft(search.definition ?? EMPTY)
  const keep = useCallback(
    (definition: string | undefined) =>
      void navigate({
        to: PATHS.segmentDraft,
        search: (before) => ({ ...before, definition }),
        replace: true,
      }),
    [navigate],
  )
  const isTooLong = useKeptDraft(draft, search.definition, keep)
  const create = useCreate()
  return (
    <Page title="New segment" text="Say what people must be or have done to belong to it.">
      <SegmentForm
        draft={draft}
        name={name}
        onName={setName}
        error={create.error}
        isSaving={create.isPending}
        isTooLong={isTooLong}
        notice={create.error && <ProblemAlert error={create.error} />}
        act="Create segment"
        onSave={() => create.mutate({ name: name.trim(), definition: draft.value })}
      />
    </Page>
  )
}

/** The name, which the address keeps too. */
function useKeptName(kept = '') {
  const navigate = useNavigate()
  const [name, setName] = useState(kept)
  const [settled] = useDebouncedValue(name, 300)
  useEffect(() => {
    if (settled === kept) return
    void navigate({
      to: PATHS.segmentDraft,
      search: (before) => ({ ...before, name: settled || undefined }),
      replace: true,
    })
    // Only what is typed is put there: an address that changes otherwise is another draft's.
  }, [settled, navigate])
  return [name, setName] as const
}

function useCreate() {
  const navigate = useNavigate()
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: (body: { name: string; definition: unknown }) => answerOf(createSegment({ client, body })),
    onSuccess: async (segment) => {
      queryClient.setQueryData(['segment', segment.id], segment)
      await queryClient.invalidateQueries({ queryKey: ['segments'] })
      notifyDone(`The segment ${segment.name} was created.`)
      await navigate({ to: PATHS.segment, params: { segmentId: segment.id } })
    },
  })
}
