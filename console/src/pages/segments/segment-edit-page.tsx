import type { Segment } from '@tributary/sdk'
import { getRouteApi } from '@tanstack/react-router'
import { useCallback, useState } from 'react'
import { useFresh } from '../../api/fresh.ts'
import { useDefinitionDraft, useKeptDraft } from '../../definitions/definition-draft.ts'
import { Page } from '../../parts/page.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { SaveProblem } from '../../parts/save-problem.tsx'
import { SegmentForm } from './segment-form.tsx'
import { segmentQuery } from './segment-query.ts'
import { useSaveSegment } from './save-segment.ts'

const route = getRouteApi('/with-session/in-workspace/segments/$segmentId/edit')

/** Changes a segment; its address holds the definition that is not saved yet. */
export function SegmentEditPage() {
  const { segmentId } = route.useParams()
  const query = useFresh(segmentQuery(segmentId))
  return (
    <Page
      title={query.data ? `Edit ${query.data.name}` : 'Edit segment'}
      text="Members of the definition before are served until those of the new one are whole."
    >
      <QueryState query={query}>{(segment) => <Editor key={segmentId} segment={segment} />}</QueryState>
    </Page>
  )
}

function Editor({ segment }: { segment: Segment }) {
  const { definition: kept } = route.useSearch()
  const navigate = route.useNavigate()
  // What it was when it was opened, whatever is read of it meanwhile.
  const [opened] = useState(segment)
  const [name, setName] = useState(opened.name)
  const draft = useDefinitionDraft(kept ?? opened.definition)
  const keep = useCallback(
    (definition: string | undefined) => void navigate({ search: { definition }, replace: true }),
    [navigate],
  )
  const isTooLong = useKeptDraft(draft, kept, keep)
  const save = useSaveSegment(opened)
  const send = (isForced: boolean): void =>
    save.mutate({ name: name.trim(), definition: draft.value, isForced })
  return (
    <SegmentForm
      draft={draft}
      name={name}
      onName={setName}
      error={save.error}
      isSaving={save.isPending}
      isTooLong={isTooLong}
      notice={save.error && <SaveProblem error={save.error} onForce={() => send(true)} />}
      act="Save segment"
      onSave={() => send(false)}
    />
  )
}
