import { Group, SegmentedControl, Select, Stack, Switch, TagsInput, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import { complaintAt } from '../../api/problem.ts'
import { useNames } from '../../definitions/suggestions.ts'
import { SegmentSelect } from './segment-select.tsx'
import { FieldsInput } from './fields-input.tsx'
import type { ExportDraft } from './export-body.ts'

interface FormProps {
  draft: ExportDraft
  onChange: (change: Partial<ExportDraft>) => void
  /** What the server said to it. */
  error: unknown
}

/** Which rows and which columns, in which format. */
export function ExportForm(props: FormProps) {
  const { draft, onChange, error } = props
  const { kind, fields } = draft
  return (
    <Stack gap="md">
      <Stack gap={4}>
        <Text size="sm" fw={500} id="export-rows">
          Rows
        </Text>
        <SegmentedControl
          aria-labelledby="export-rows"
          data={[
            { value: 'profiles', label: 'Profiles' },
            { value: 'events', label: 'Events' },
          ]}
          value={kind}
          onChange={(next) => onChange({ kind: next, fields: undefined })}
          style={{ alignSelf: 'flex-start' }}
        />
      </Stack>
      {kind === 'profiles' ? <OfProfiles {...props} /> : <OfEvents {...props} />}
      <FieldsInput
        kind={kind}
        fields={fields}
        onChange={(next) => onChange({ fields: next })}
        error={fields?.map((_, index) => complaintAt(error, `/fields/${index}`)).find(Boolean)}
      />
      <Format {...props} />
    </Stack>
  )
}

function OfProfiles({ draft, onChange }: FormProps) {
  return <SegmentSelect value={draft.segmentId} onChange={(segmentId) => onChange({ segmentId })} />
}

function OfEvents({ draft: { names, from, to }, onChange, error }: FormProps) {
  const [typed, setTyped] = useState('')
  const known = useNames({ of: 'event' }, typed)
  const time = (name: 'from' | 'to', label: string, value: string) => (
    <TextInput
      label={label}
      type="datetime-local"
      value={value}
      onChange={({ currentTarget }) => onChange({ [name]: currentTarget.value })}
      error={complaintAt(error, `/${name}`)}
      flex="1 1 200px"
    />
  )
  return (
    <>
      <TagsInput
        label="Names of events"
        placeholder={names.length === 0 ? 'All' : ''}
        data={known}
        value={[...names]}
        onChange={(next) => onChange({ names: next })}
        onSearchChange={setTyped}
        acceptValueOnBlur
      />
      <Group gap="md">
        {time('from', 'From', from)}
        {time('to', 'Before', to)}
      </Group>
      <Text size="xs" c="dimmed">
        Times are those of this computer: {Intl.DateTimeFormat().resolvedOptions().timeZone}.
      </Text>
    </>
  )
}

const FORMATS = [
  { value: 'ndjson', label: 'NDJSON: a line of JSON for each row' },
  { value: 'csv', label: 'CSV: for spreadsheets' },
  { value: 'parquet', label: 'Parquet: for analysis' },
]

function Format({ draft: { format, gzip }, onChange }: FormProps) {
  const isInside = format === 'parquet'
  return (
    <>
      <Select
        label="Format"
        data={FORMATS}
        value={format}
        allowDeselect={false}
        onChange={(next) => next !== null && onChange({ format: next as ExportDraft['format'] })}
        maw={400}
      />
      <Switch
        label="Compress it (gzip)"
        description={isInside ? 'Parquet is compressed inside.' : undefined}
        checked={gzip && !isInside}
        disabled={isInside}
        onChange={({ currentTarget }) => onChange({ gzip: currentTarget.checked })}
      />
    </>
  )
}
