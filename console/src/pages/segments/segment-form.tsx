import { Button, Grid, Group, Stack, Text, TextInput } from '@mantine/core'
import type { ReactNode } from 'react'
import { complaintAt } from '../../api/problem.ts'
import { useMay } from '../../api/session.ts'
import { ComplaintsProvider, complaintsIn } from '../../definitions/complaints.ts'
import type { DefinitionDraft } from '../../definitions/definition-draft.ts'
import { DefinitionTabs } from '../../definitions/definition-tabs.tsx'
import { ConditionEditor } from './condition-editor.tsx'
import { LiveCount } from './live-count.tsx'
import { isEmptyGroup, usePreview } from './preview.ts'

interface SegmentFormProps {
  draft: DefinitionDraft
  name: string
  onName: (name: string) => void
  /** What the server said when it was saved. */
  error: unknown
  isSaving: boolean
  isTooLong: boolean
  /** Stands above the button, such as what is wrong. */
  notice?: ReactNode
  act: string
  onSave: () => void
}

/** Name and definition of a segment, who would belong to it, and the button that saves it. */
export function SegmentForm(props: SegmentFormProps) {
  const { draft, name, error, onSave } = props
  const preview = usePreview(draft.value)
  const isEmpty = isEmptyGroup(draft.value)
  const complaints = isEmpty ? [] : [...complaintsIn(preview.error), ...complaintsIn(error)]
  const canSave = draft.problem === undefined && !isEmpty && name.trim() !== ''
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (canSave) onSave()
      }}
    >
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 8 }}>
          <ComplaintsProvider value={complaints}>
            <Said {...props} />
          </ComplaintsProvider>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 4 }}>
          <Stack gap="md" pos="sticky" top={72}>
            <LiveCount query={preview} isEmpty={isEmpty} />
            <Saving {...props} canSave={canSave} />
          </Stack>
        </Grid.Col>
      </Grid>
    </form>
  )
}

function Said({ draft, name, onName, error }: SegmentFormProps) {
  return (
    <Stack gap="md">
      <TextInput
        label="Name"
        required
        maxLength={255}
        value={name}
        onChange={({ currentTarget }) => onName(currentTarget.value)}
        error={complaintAt(error, '/name')}
      />
      <DefinitionTabs draft={draft}>
        <ConditionEditor condition={draft.value} at="/definition" onChange={draft.setValue} />
      </DefinitionTabs>
    </Stack>
  )
}

function Saving({ isTooLong, notice, act, isSaving, canSave }: SegmentFormProps & { canSave: boolean }) {
  const mayWrite = useMay()('segments:write')
  return (
    <>
      {isTooLong && (
        <Text size="sm" c="dimmed">
          This definition is too long for the address of the page: save it before you leave.
        </Text>
      )}
      {notice}
      <Group>
        <Button type="submit" loading={isSaving} disabled={!canSave || !mayWrite}>
          {act}
        </Button>
      </Group>
    </>
  )
}
