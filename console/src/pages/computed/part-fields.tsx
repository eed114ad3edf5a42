import type { ComponentType } from 'react'
import { ComputedSelect } from '../../definitions/computed-select.tsx'
import { FieldInput } from '../../definitions/field-input.tsx'
import { NumberField } from '../../definitions/number-field.tsx'
import { entryOf, textOf, withMember } from '../../definitions/part.ts'
import type { Part } from '../../definitions/part.ts'
import { ValueInput } from '../../definitions/value-input.tsx'

interface FieldProps {
  part: Part
  at: string
  onChange: (part: Part) => void
}

/** What a part says beside the parts that are in it. */
export function PartFields(props: FieldProps) {
  const Fields = entryOf(FIELDS, props.part['type'])
  return Fields ? <Fields {...props} /> : null
}

const FIELDS: Readonly<Record<string, ComponentType<FieldProps>>> = {
  literal: ({ part, at, onChange }) => (
    <ValueInput
      kinds={['text', 'number', 'boolean', 'null']}
      value={part['value']}
      at={`${at}/value`}
      onChange={(value) => onChange(withMember(part, 'value', value))}
    />
  ),
  attribute: ({ part, at, onChange }) => (
    <FieldInput label="Name" target={{ of: 'attribute' }} field={part} at={at} onChange={onChange} />
  ),
  aggregate: Reference,
  expression: Reference,
  round: (props) => <Whole {...props} name="digits" label="Digits" max={12} />,
  substring: (props) => (
    <>
      <Whole {...props} name="start" label="From character" max={10_000} />
      <Whole {...props} name="length" label="How many" max={10_000} />
    </>
  ),
}

function Reference({ part, at, onChange }: FieldProps) {
  return (
    <ComputedSelect
      kind={part['type'] === 'expression' ? 'expression' : 'aggregate'}
      value={textOf(part['id'])}
      at={`${at}/id`}
      onChange={(id) => onChange(withMember(part, 'id', id))}
    />
  )
}

/** A whole number; where nothing stands it is left out. */
function Whole(props: FieldProps & { name: string; label: string; max: number }) {
  const { part, at, onChange, name, label, max } = props
  return (
    <NumberField
      label={label}
      value={part[name]}
      at={`${at}/${name}`}
      min={0}
      max={max}
      isWhole
      onChange={(value) => onChange(withMember(part, name, value === '' ? undefined : value))}
    />
  )
}
