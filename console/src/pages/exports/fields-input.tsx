import { MultiSelect, Stack, Switch } from '@mantine/core'
import { useState } from 'react'
import { useComputed } from '../../definitions/computed-list.ts'
import { useNames } from '../../definitions/suggestions.ts'
import type { ExportKind } from './export-body.ts'
import { fieldGroups } from './export-fields.ts'

/** Which columns a file has, in their order: everything, or those that are chosen. */
export function FieldsInput(props: {
  kind: ExportKind
  fields: readonly string[] | undefined
  onChange: (fields: readonly string[] | undefined) => void
  error: string | undefined
}) {
  const { kind, fields, onChange, error } = props
  return (
    <Stack gap="xs">
      <Switch
        label="Everything that there is"
        description={kind === 'profiles' ? 'Computed values are there only when they are chosen.' : undefined}
        checked={fields === undefined}
        onChange={({ currentTarget }) => onChange(currentTarget.checked ? undefined : [])}
      />
      {fields !== undefined && <ChosenFields kind={kind} fields={fields} onChange={onChange} error={error} />}
    </Stack>
  )
}

function ChosenFields(props: {
  kind: ExportKind
  fields: readonly string[]
  onChange: (fields: readonly string[]) => void
  error: string | undefined
}) {
  const { kind, fields, onChange, error } = props
  const [typed, setTyped] = useState('')
  const names = useNames(
    kind === 'profiles' ? { of: 'attribute' } : { of: 'property', event: undefined },
    typed,
  )
  const [aggregates, expressions] = [useComputed('aggregate'), useComputed('expression')]
  const groups = fieldGroups(
    kind,
    { names, aggregates, expressions },
    { chosen: fields, typed: typed.trim() },
  )
  return (
    <MultiSelect
      label="Fields"
      description="In the order in which they are chosen."
      placeholder={fields.length === 0 ? 'Choose at least one' : ''}
      data={groups}
      value={[...fields]}
      onChange={onChange}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': 'Choose none' }}
      onSearchChange={setTyped}
      maxDropdownHeight={320}
      error={error}
    />
  )
}
