import { Button, Group, Modal, Select, Stack, Text, TextInput, Textarea } from '@mantine/core'
import { useForm } from '@mantine/form'
import { patchProfile } from '@tributary/sdk'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { client } from '../../api/client.ts'
import { notifyDone } from '../../api/notify.ts'
import { ProblemError, answerAndHeaders } from '../../api/problem.ts'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { fromFormText, toFormText, typeOfValue } from './attribute-value.ts'
import type { ValueType } from './attribute-value.ts'
import { profileKey } from './profile-query.ts'
import type { ReadProfile } from './profile-query.ts'

const TYPES = [
  { value: 'text', label: 'Text' },
  { value: 'number', label: 'Number' },
  { value: 'yesNo', label: 'Yes or no' },
  { value: 'json', label: 'List or object (JSON)' },
]

interface Values {
  name: string
  type: ValueType
  text: string
}

/** Changes, adds or removes one attribute. `name` is undefined for one that is to be added. */
export function AttributeDialog(props: { read: ReadProfile; name: string | undefined; onClose: () => void }) {
  const { read, name, onClose } = props
  const before = name === undefined ? undefined : read.profile.attributes[name]
  const form = useForm<Values>({
    initialValues: { name: name ?? '', type: typeOfValue(before), text: toFormText(before) },
    validate: { text: (text, { type }) => complaintOf(type, text) },
  })
  const change = useChange(read, onClose)
  const save = (values: Values): void =>
    change.mutate({ name: values.name.trim(), value: fromFormText(values.type, values.text) })
  return (
    <Modal
      opened
      onClose={onClose}
      title={name === undefined ? 'Add an attribute' : `Change ${name}`}
      centered
    >
      <form onSubmit={form.onSubmit(save)}>
        <Stack gap="sm">
          {name === undefined && (
            <TextInput label="Name" required data-autofocus {...form.getInputProps('name')} />
          )}
          <Select label="What it is" data={TYPES} allowDeselect={false} {...form.getInputProps('type')} />
          <ValueInput
            {...form.values}
            error={form.errors['text']}
            onChange={(text) => form.setFieldValue('text', text)}
          />
          <Conflict error={change.error} />
          <Group justify="space-between">
            {name === undefined ? (
              <span />
            ) : (
              <Button variant="subtle" color="red.8" onClick={() => change.mutate({ name, value: null })}>
                Remove it
              </Button>
            )}
            <Button type="submit" loading={change.isPending}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

function ValueInput(props: {
  type: ValueType
  text: string
  error: ReactNode
  onChange: (text: string) => void
}) {
  const { type, text, error, onChange } = props
  if (type !== 'yesNo')
    return (
      <Textarea
        label="Value"
        autosize
        minRows={1}
        maxRows={12}
        value={text}
        error={error}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    )
  return (
    <Select
      label="Value"
      allowDeselect={false}
      data={[
        { value: 'true', label: 'Yes' },
        { value: 'false', label: 'No' },
      ]}
      value={text === 'true' ? 'true' : 'false'}
      onChange={(value) => onChange(value ?? 'false')}
    />
  )
}

function complaintOf(type: ValueType, text: string): string | null {
  try {
    fromFormText(type, text)
    return null
  } catch (error) {
    return error instanceof Error ? error.message : 'This cannot be read.'
  }
}

/** Somebody changed the profile since it was read: nothing was written, and what one typed is still there. */
function Conflict({ error }: { error: Error | null }) {
  if (!error) return null
  const isStale = error instanceof ProblemError && error.status === 412
  return (
    <Stack gap="xs">
      <ProblemAlert error={error} />
      {isStale && (
        <Text size="sm">The page shows the profile as it is now. Save again to write over that.</Text>
      )}
    </Stack>
  )
}

/** The page reads the profile anew after a conflict, so that a second save is a decision over what is there now. */
function useChange({ profile, version }: ReadProfile, onDone: () => void) {
  const queryClient = useQueryClient()
  const reread = () => queryClient.invalidateQueries({ queryKey: profileKey(String(profile.id)) })
  return useMutation({
    mutationFn: ({ name, value }: { name: string; value: unknown }) =>
      answerAndHeaders(
        patchProfile({
          client,
          path: { profileId: String(profile.id) },
          headers: { 'If-Match': version },
          body: { attributes: { [name]: value } },
        }),
      ),
    onSuccess: async () => {
      notifyDone('Saved.')
      onDone()
      await reread()
    },
    onError: reread,
  })
}
