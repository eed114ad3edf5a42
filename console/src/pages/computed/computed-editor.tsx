import { Button, Grid, Group, Stack, TextInput } from '@mantine/core'
import type { Computed } from '@tributary/sdk'
import { useState } from 'react'
import { complaintAt } from '../../api/problem.ts'
import { useMay } from '../../api/session.ts'
import { ComplaintsProvider, complaintsIn } from '../../definitions/complaints.ts'
import type { ComputedKind } from '../../definitions/computed-list.ts'
import { useDefinitionDraft } from '../../definitions/definition-draft.ts'
import { DefinitionTabs } from '../../definitions/definition-tabs.tsx'
import { SaveProblem } from '../../parts/save-problem.tsx'
import { AggregateForm } from './aggregate-form.tsx'
import { ExpressionEditor } from './expression-editor.tsx'
import { useSaveComputed } from './save-computed.ts'
import { TryOutPanel } from './try-out-panel.tsx'
import { useTryOut } from './try-out.ts'

const DRAFTS = {
  aggregate: { function: 'count', window: { from: { offset: -30, unit: 'day' } } },
  expression: { type: 'attribute', name: '' },
} as const

interface EditorProps {
  kind: ComputedKind
  /** What is changed; undefined makes a new one. */
  opened: Computed | undefined
  onDone: () => void
}

/** Name and definition of an aggregate or an expression, what it comes to, and the button that saves it. */
export function ComputedEditor({ kind, opened: given, onDone }: EditorProps) {
  // What it was when it was opened, whatever is read of it meanwhile.
  const [opened] = useState(given)
  const [name, setName] = useState(opened?.name ?? '')
  const draft = useDefinitionDraft(opened?.definition ?? DRAFTS[kind])
  const tryOut = useTryOut(kind, draft.value)
  const save = useSaveComputed({ kind, opened, onDone })
  const send = (isForced: boolean): void =>
    save.mutate({ name: name.trim(), definition: draft.value, isForced })
  const canSave = draft.problem === undefined && name.trim() !== ''
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (canSave) send(false)
      }}
    >
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 8 }}>
          <Stack gap="md">
            <TextInput
              label="Name"
              required
              maxLength={255}
              value={name}
              onChange={({ currentTarget }) => setName(currentTarget.value)}
              error={complaintAt(save.error, '/name')}
            />
            <ComplaintsProvider value={[...complaintsIn(tryOut.query.error), ...complaintsIn(save.error)]}>
              <DefinitionTabs draft={draft}>
                <Form kind={kind} definition={draft.value} onChange={draft.setValue} />
              </DefinitionTabs>
            </ComplaintsProvider>
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 4 }}>
          <Stack gap="md" pos="sticky" top={72}>
            <TryOutPanel tryOut={tryOut} />
            <Saving save={save} canSave={canSave} onForce={() => send(true)} onDone={onDone} />
          </Stack>
        </Grid.Col>
      </Grid>
    </form>
  )
}

function Form(props: { kind: ComputedKind; definition: unknown; onChange: (definition: unknown) => void }) {
  const { kind, definition, onChange } = props
  return kind === 'aggregate' ? (
    <AggregateForm definition={definition} at="/definition" onChange={onChange} />
  ) : (
    <ExpressionEditor label="Value" expression={definition} at="/definition" onChange={onChange} />
  )
}

function Saving(props: {
  save: ReturnType<typeof useSaveComputed>
  canSave: boolean
  onForce: () => void
  onDone: () => void
}) {
  const { save, canSave, onForce, onDone } = props
  const mayWrite = useMay()('segments:write')
  return (
    <>
      {save.error && <SaveProblem error={save.error} onForce={onForce} />}
      <Group gap="xs">
        {mayWrite && (
          <Button type="submit" loading={save.isPending} disabled={!canSave}>
            Save
          </Button>
        )}
        <Button variant="default" onClick={onDone}>
          {mayWrite ? 'Cancel' : 'Back'}
        </Button>
      </Group>
    </>
  )
}
