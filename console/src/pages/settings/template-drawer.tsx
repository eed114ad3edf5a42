import { Button, Code, Drawer, Group, Stack, Text, TextInput, Textarea } from '@mantine/core'
import { deleteMessageTemplate, previewMessageTemplate, putMessageTemplate } from '@tributary/sdk'
import type { MessageTemplate } from '@tributary/sdk'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../../api/client.ts'
import { notifyDone } from '../../api/notify.ts'
import { answerOf, complaintAt } from '../../api/problem.ts'
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { GraveButton } from '../../parts/grave.tsx'
import { MessageContent } from './message-content.tsx'
import { draftOf, toSend } from './template-draft.ts'
import type { TemplateDraft } from './template-draft.ts'

/** The words of one message: changed, looked at with sample values, and given back to the product. */
export function TemplateDrawer({ template, onClose }: { template: MessageTemplate; onClose: () => void }) {
  const { name, isBuiltIn } = template
  const [draft, setDraft] = useState(() => draftOf(template))
  const [isAsked, setAsked] = useState(false)
  const save = useSave(name, onClose)
  const preview = useMutation({
    mutationFn: () =>
      answerOf(previewMessageTemplate({ client, path: { name }, body: { draft: toSend(draft) } })),
  })
  const error = save.error ?? preview.error
  return (
    <Drawer opened onClose={onClose} position="right" size="xl" title={`What ${name} says`}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          save.mutate(toSend(draft))
        }}
      >
        <Stack gap="md">
          <Names template={template} />
          <Words draft={draft} error={error} onChange={setDraft} />
          {error && <ProblemAlert error={error} />}
          <Group gap="xs">
            <Button type="submit" loading={save.isPending}>
              Save these words
            </Button>
            <Button variant="default" loading={preview.isPending} onClick={() => preview.mutate()}>
              Preview
            </Button>
            {!isBuiltIn && (
              <GraveButton onClick={() => setAsked(true)}>Back to the built-in words</GraveButton>
            )}
          </Group>
          {preview.data && <MessageContent {...preview.data} />}
        </Stack>
      </form>
      {isAsked && <ResetDialog name={name} onDone={onClose} onClose={() => setAsked(false)} />}
    </Drawer>
  )
}

function Names({ template: { placeholders, required } }: { template: MessageTemplate }) {
  return (
    <Text size="sm" component="div">
      <Group gap={6}>
        It may name
        {placeholders.map((placeholder) => (
          <Code key={placeholder}>{`{{${placeholder}}}`}</Code>
        ))}
      </Group>
      {required.length > 0 &&
        `Without ${required.map((one) => `{{${one}}}`).join(' and ')} it would be worthless, and is refused.`}
    </Text>
  )
}

function Words(props: { draft: TemplateDraft; error: unknown; onChange: (draft: TemplateDraft) => void }) {
  const { draft, error, onChange } = props
  const complaint = (name: string): string | undefined =>
    complaintAt(error, `/${name}`) ?? complaintAt(error, `/draft/${name}`)
  return (
    <>
      {draft.subject !== undefined && (
        <TextInput
          label="Subject"
          maxLength={255}
          value={draft.subject}
          error={complaint('subject')}
          onChange={(event) => onChange({ ...draft, subject: event.currentTarget.value })}
        />
      )}
      <Textarea
        label="Text"
        required
        autosize
        minRows={6}
        maxRows={18}
        maxLength={20_000}
        value={draft.text}
        error={complaint('text')}
        onChange={(event) => onChange({ ...draft, text: event.currentTarget.value })}
      />
      {draft.html !== undefined && (
        <Textarea
          label="HTML"
          description="Empty: it is made of the text."
          autosize
          minRows={4}
          maxRows={18}
          maxLength={100_000}
          value={draft.html}
          error={complaint('html')}
          onChange={(event) => onChange({ ...draft, html: event.currentTarget.value })}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 13 } }}
        />
      )}
    </>
  )
}

function useSave(name: string, onDone: () => void) {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: (body: ReturnType<typeof toSend>) =>
      answerOf(putMessageTemplate({ client, path: { name }, body })),
    onSuccess: () => {
      notifyDone('Saved. The next message says so.')
      onDone()
      return queryClient.invalidateQueries({ queryKey: ['message-templates'] })
    },
  })
}

function ResetDialog({ name, onDone, onClose }: { name: string; onDone: () => void; onClose: () => void }) {
  const queryClient = useQueryClient()
  const reset = useMutation({
    mutationFn: () => answerOf(deleteMessageTemplate({ client, path: { name } })),
    onSuccess: () => {
      onDone()
      return queryClient.invalidateQueries({ queryKey: ['message-templates'] })
    },
  })
  return (
    <ConfirmDialog
      title="Back to the built-in words"
      act="Forget your own words"
      isPending={reset.isPending}
      error={reset.error}
      onConfirm={() => reset.mutate()}
      onClose={onClose}
    >
      Your own words for {name} are gone then.
    </ConfirmDialog>
  )
}
