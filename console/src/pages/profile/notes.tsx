import { ActionIcon, Button, Group, Paper, Stack, Text, TextInput, Textarea } from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconTrash } from '@tabler/icons-react'
import { createNote, deleteNote, listNotes } from '@tributary/sdk'
import type { Note } from '@tributary/sdk'
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../../api/client.ts'
import { pagesQuery } from '../../api/pages.ts'
import { answerOf } from '../../api/problem.ts'
import { useMay } from '../../api/session.ts'
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx'
import { More } from '../../parts/more.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { Time } from '../../parts/time.tsx'
import { profileKey } from './profile-query.ts'

/** What people wrote about somebody, the newest first. */
export function Notes({ profileId: id }: { profileId: number }) {
  const profileId = String(id)
  const may = useMay()
  const query = useInfiniteQuery(
    pagesQuery([...profileKey(profileId), 'notes'], ({ cursor, signal }) =>
      listNotes({ client, signal, path: { profileId }, query: { cursor } }),
    ),
  )
  const notes = query.data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <Stack gap="md">
      {may('notes:write') && <NoteForm profileId={profileId} />}
      <QueryState query={query}>
        {() => (
          <Stack gap="sm">
            {notes.length === 0 && <Text size="sm">No notes yet.</Text>}
            {notes.map((note) => (
              <NoteCard key={note.id} profileId={profileId} note={note} />
            ))}
            <More query={query} />
          </Stack>
        )}
      </QueryState>
    </Stack>
  )
}

function NoteForm({ profileId }: { profileId: string }) {
  const queryClient = useQueryClient()
  const form = useForm({ initialValues: { subject: '', body: '' } })
  const create = useMutation({
    mutationFn: (body: { subject: string; body: string }) =>
      answerOf(createNote({ client, path: { profileId }, body })),
    onSuccess: () => {
      form.reset()
      return queryClient.invalidateQueries({ queryKey: [...profileKey(profileId), 'notes'] })
    },
  })
  return (
    <Paper withBorder p="md" component="form" onSubmit={form.onSubmit((values) => create.mutate(values))}>
      <Stack gap="xs">
        <TextInput label="Subject" required maxLength={255} {...form.getInputProps('subject')} />
        <Textarea label="Note" autosize minRows={2} maxLength={50_000} {...form.getInputProps('body')} />
        {create.error && <ProblemAlert error={create.error} />}
        <Group justify="flex-end">
          <Button type="submit" loading={create.isPending}>
            Add the note
          </Button>
        </Group>
      </Stack>
    </Paper>
  )
}

function NoteCard({ profileId, note }: { profileId: string; note: Note }) {
  const { id, subject, body, createdAt, createdBy } = note
  const may = useMay()
  const queryClient = useQueryClient()
  const [isAsked, setAsked] = useState(false)
  const remove = useMutation({
    mutationFn: () => answerOf(deleteNote({ client, path: { profileId, noteId: id } })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: [...profileKey(profileId), 'notes'] }),
  })
  return (
    <Paper withBorder p="md" component="article">
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <Text fw={600} size="sm">
          {subject}
        </Text>
        {may('notes:delete') && (
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Delete ${subject}`}
            onClick={() => setAsked(true)}
          >
            <IconTrash size={16} aria-hidden />
          </ActionIcon>
        )}
      </Group>
      <Text size="sm" style={{ whiteSpace: 'pre-wrap' }}>
        {plainText(body)}
      </Text>
      <Text size="xs" c="dimmed" mt="xs">
        {createdBy}, <Time at={createdAt} />
      </Text>
      {isAsked && (
        <ConfirmDialog
          title="Delete the note"
          act="Delete the note"
          isPending={remove.isPending}
          error={remove.error}
          onConfirm={() => remove.mutate()}
          onClose={() => setAsked(false)}
        >
          “{subject}” will be gone for ever.
        </ConfirmDialog>
      )}
    </Paper>
  )
}

/** A note may be HTML of anybody: it is shown as the text that it has. A document that is parsed so runs and loads nothing. */
function plainText(body: string): string {
  return new DOMParser().parseFromString(body, 'text/html').body.textContent ?? ''
}
