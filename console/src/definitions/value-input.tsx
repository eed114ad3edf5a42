import { Group, Select, Switch, TextInput, Textarea } from '@mantine/core'
import { useState } from 'react'
import { Choice } from './choice.tsx'
import { useIsWrong } from './complaints.ts'
import { readDefinitionText } from './definition-text.ts'
import { NumberField } from './number-field.tsx'
import { textOf } from './part.ts'
import { VALUE_KINDS, asKind, kindOf } from './values.ts'
import type { ValueKind } from './values.ts'

interface ValueProps {
  value: unknown
  at: string
  onChange: (value: unknown) => void
}

/** A value of JSON, and of which kind it is: `5` and `"5"` are different ones. `kinds` are those that can be chosen. */
export function ValueInput({ kinds, ...props }: ValueProps & { kinds: readonly ValueKind[] }) {
  const { value, at, onChange } = props
  const kind = kindOf(value)
  const offered = kinds.includes(kind) ? kinds : [...kinds, kind]
  const options = Object.fromEntries(offered.map((one) => [one, VALUE_KINDS[one]]))
  const Input = INPUTS[kind]
  return (
    <Group gap="xs" align="flex-end" flex="1 1 300px">
      <Choice
        label="Kind of value"
        options={options}
        value={kind}
        at={at}
        width={130}
        onChange={(next) => onChange(asKind(value, next as ValueKind))}
      />
      <Input {...props} />
    </Group>
  )
}

const INPUTS = {
  text: ValueText,
  number: (props: ValueProps) => <NumberField label="Value" width={130} {...props} />,
  boolean: ValueBoolean,
  null: () => null,
  json: ValueJson,
}

/** A text that something is compared with. */
export function ValueText({ value, at, onChange }: ValueProps) {
  return (
    <TextInput
      label="Value"
      value={textOf(value)}
      error={useIsWrong(at)}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
      flex="1 1 150px"
    />
  )
}

function ValueBoolean({ value, at, onChange }: ValueProps) {
  return (
    <Select
      label="Value"
      data={['true', 'false']}
      value={String(value)}
      allowDeselect={false}
      error={useIsWrong(at)}
      onChange={(chosen) => onChange(chosen === 'true')}
      flex="1 1 100px"
    />
  )
}

function ValueJson({ value, at, onChange }: ValueProps) {
  const [text, setText] = useState(() => JSON.stringify(value))
  const { problem } = readDefinitionText(text)
  const isWrong = useIsWrong(at)
  return (
    <Textarea
      label="Value"
      autosize
      minRows={1}
      maxRows={8}
      value={text}
      error={problem ?? isWrong}
      onChange={({ currentTarget }) => {
        setText(currentTarget.value)
        const read = readDefinitionText(currentTarget.value)
        if (read.problem === undefined) onChange(read.value)
      }}
      flex="1 1 200px"
    />
  )
}

/** Whether texts are compared without regard to case. */
export function CaseSwitch({ value, onChange }: { value: unknown; onChange: (value: unknown) => void }) {
  return (
    <Switch
      label="In any case"
      checked={value === true}
      onChange={({ currentTarget }) => onChange(currentTarget.checked ? true : undefined)}
      pb={8}
    />
  )
}
