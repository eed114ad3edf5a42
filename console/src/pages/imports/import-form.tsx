import { Alert, Button, Group, List, SegmentedControl, Stack, Text, TextInput } from '@mantine/core'
import { createImport } from '@tributary/sdk'
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { client } from '../../api/client.ts'
import { answerOf } from '../../api/problem.ts'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { PATHS } from '../../paths.ts'
import { ColumnTable } from './column-table.tsx'
import { complaintsOf, guessMapping, mapTexts } from './mapping.ts'
import type { ColumnMapping, RowType } from './mapping.ts'
import type { Sample } from './sample.ts'

const TYPES = [
  { value: 'profiles', label: 'Profiles' },
  { value: 'events', label: 'Events' },
  { value: 'transactions', label: 'Purchases' },
]

/** Where each column goes, and the way to send the file: to be checked only, or to be stored. */
export function ImportForm({ file, sample }: { file: File; sample: Sample }) {
  const [type, setType] = useState<RowType>('profiles')
  const [mapping, setMapping] = useState(() => guessMapping(sample.columns, 'profiles'))
  const [eventName, setEventName] = useState('')
  const send = useSend(file, sample)
  const complaints = complaintsOf(mapping, type, eventName)
  const choose = (value: string): void => {
    setType(value as RowType)
    setMapping(guessMapping(sample.columns, value as RowType))
  }
  const start = (isDryRun: boolean): void => send.mutate({ type, mapping, eventName, isDryRun })
  return (
    <Stack gap="md">
      <RowKind
        type={type}
        onType={choose}
        eventName={
          type === 'events' && !mapping.some(({ target }) => target === 'name') ? eventName : undefined
        }
        onEventName={setEventName}
      />
      <ColumnTable sample={sample} type={type} mapping={mapping} onChange={setMapping} />
      {complaints.length > 0 && (
        <Alert color="yellow" title="Before it can go">
          <List size="sm">
            {complaints.map((complaint) => (
              <List.Item key={complaint}>{complaint}</List.Item>
            ))}
          </List>
        </Alert>
      )}
      {send.error && <ProblemAlert error={send.error} />}
      <Group gap="xs">
        <Button loading={send.isPending} disabled={complaints.length > 0} onClick={() => start(false)}>
          Import
        </Button>
        <Button
          variant="default"
          disabled={complaints.length > 0 || send.isPending}
          onClick={() => start(true)}
        >
          Only check it
        </Button>
        {send.isPending && <Text size="sm">The file is on its way…</Text>}
      </Group>
    </Stack>
  )
}

/** What a row is, and of events the name that all of them have, where no column says it. */
function RowKind(props: {
  type: RowType
  onType: (type: string) => void
  /** Undefined where none is asked for. */
  eventName: string | undefined
  onEventName: (name: string) => void
}) {
  const { type, onType, eventName, onEventName } = props
  return (
    <Group gap="md" align="flex-end">
      <Stack gap={4}>
        <Text size="sm" fw={500} id="row-type">
          What a row is
        </Text>
        <SegmentedControl aria-labelledby="row-type" data={TYPES} value={type} onChange={onType} />
      </Stack>
      {eventName !== undefined && (
        <TextInput
          label="Name of the event"
          description="The same for every row"
          value={eventName}
          onChange={(event) => onEventName(event.currentTarget.value)}
        />
      )}
    </Group>
  )
}

interface Wanted {
  type: RowType
  mapping: readonly ColumnMapping[]
  eventName: string
  isDryRun: boolean
}

/** Sends the file; the page of the import shows how far it is. */
function useSend(file: File, { format, delimiter }: Sample) {
  const navigate = useNavigate()
  return useMutation({
    mutationFn: ({ type, mapping, eventName, isDryRun }: Wanted) => {
      const query = {
        type,
        map: mapTexts(mapping),
        ...(type === 'events' && eventName.trim() !== '' && { set: `name=${eventName.trim()}` }),
        ...(format === 'csv' && delimiter !== ',' && { delimiter }),
        ...(isDryRun && { dryRun: 'true' as const }),
      }
      const headers = { 'Content-Type': format === 'csv' ? 'text/csv' : 'application/x-ndjson' }
      // The file goes as it is: its type in the document is that of a text.
      return answerOf(createImport({ client, query, headers, body: file as unknown as string }))
    },
    onSuccess: ({ id }) => navigate({ to: PATHS.import, params: { importId: String(id) } }),
  })
}
