import {
  Checkbox,
  Group,
  NumberInput,
  Radio,
  Select,
  Stack,
  Switch,
  TagsInput,
  TextInput,
} from '@mantine/core'
import { useSession } from '../../api/session.ts'
import { COUNTRIES } from './countries.ts'
import { EventDaysInput } from './event-days-input.tsx'
import type { EventDays, PolicyField as Field, Value } from './policy-types.ts'
import { complaintOf, textOf } from './policy-values.ts'
import type { PolicyFormState } from './use-policy-form.ts'
import { ZONES } from './zones.ts'

/** One setting, asked for as its kind wants. */
export function PolicyField({ field, form }: { field: Field; form: PolicyFormState }) {
  const { path, label, description, input } = field
  const value = form.values[path] ?? ''
  const set = (next: Value): void => form.set(path, next)
  const shared = { label, description, error: complaintOf(form.error, path) }
  switch (input.kind) {
    case 'switch':
      return <SwitchField input={input} shared={shared} value={value} set={set} />
    case 'number':
      return <NumberField input={input} shared={shared} value={value} set={set} />
    case 'texts':
      return (
        <TagsInput
          {...shared}
          {...(isEmpty(value) && { placeholder: input.placeholder ?? 'Type one, then press Enter' })}
          value={[...(value as readonly string[])]}
          onChange={set}
          acceptValueOnBlur
          clearable={false}
        />
      )
    case 'eventDays':
      return <EventDaysInput {...shared} value={value as readonly EventDays[]} onChange={set} />
    case 'text':
      return (
        <TextInput
          {...shared}
          placeholder={input.placeholder}
          required={input.isOptional !== true}
          value={textOf(value)}
          onChange={(event) => set(event.currentTarget.value)}
        />
      )
    default:
      return <ChosenField input={input} shared={shared} value={value} set={set} />
  }
}

interface Props<Kind extends Field['input']['kind']> {
  input: Extract<Field['input'], { kind: Kind }>
  shared: { label: string; description: string | undefined; error: string | undefined }
  value: Value
  set: (value: Value) => void
}

function SwitchField({ input, shared, value, set }: Props<'switch'>) {
  const { user } = useSession()
  const isBarred = input.needsOwnFactor === true && !user.hasTotp && value !== true
  return (
    <Switch
      {...shared}
      checked={value === true}
      disabled={isBarred}
      onChange={(event) => set(event.currentTarget.checked)}
    />
  )
}

function NumberField({ input: { min, max, unit }, shared, value, set }: Props<'number'>) {
  return (
    <NumberInput
      {...shared}
      styles={{ wrapper: { maxWidth: 240 } }}
      min={min}
      max={max}
      clampBehavior="blur"
      allowDecimal={false}
      required
      suffix={unit === undefined ? '' : ` ${unit}`}
      value={typeof value === 'number' ? value : ''}
      onChange={(next) => set(typeof next === 'number' ? next : '')}
    />
  )
}

function ChosenField({ input, shared, value, set }: Props<'choice' | 'checks' | 'zone' | 'country'>) {
  switch (input.kind) {
    case 'choice':
      return (
        <Radio.Group {...shared} value={textOf(value)} onChange={set}>
          <Stack gap={6} mt={4}>
            {input.choices.map((choice) => (
              <Radio key={choice.value} {...choice} />
            ))}
          </Stack>
        </Radio.Group>
      )
    case 'checks':
      return (
        <Checkbox.Group {...shared} value={[...(value as readonly string[])]} onChange={set}>
          <Group gap="md" mt={4}>
            {input.choices.map((choice) => (
              <Checkbox key={choice.value} {...choice} />
            ))}
          </Group>
        </Checkbox.Group>
      )
    case 'zone':
      return <ListField data={ZONES} shared={shared} value={value} set={set} />
    case 'country':
      return <ListField data={COUNTRIES} isClearable shared={shared} value={value} set={set} />
  }
}

function ListField(props: {
  data: readonly (string | { value: string; label: string })[]
  isClearable?: boolean
  shared: Props<'zone'>['shared']
  value: Value
  set: (value: Value) => void
}) {
  const { data, isClearable = false, shared, value, set } = props
  return (
    <Select
      {...shared}
      searchable
      clearable={isClearable}
      allowDeselect={false}
      maxDropdownHeight={280}
      limit={300}
      data={[...data]}
      value={value === '' ? null : textOf(value)}
      onChange={(next) => set(next ?? '')}
    />
  )
}

function isEmpty(value: Value): boolean {
  return Array.isArray(value) && value.length === 0
}
