import type { ComponentType } from 'react'
import { Choice } from './choice.tsx'
import { MomentInput } from './moment-input.tsx'
import { NumberField } from './number-field.tsx'
import { OPERATORS, operatorsFor, withOperator } from './operators.ts'
import type { Operand } from './operators.ts'
import type { ValueType } from './values.ts'
import { entryOf, listOf, textOf, withMember } from './part.ts'
import type { Part } from './part.ts'
import { CaseSwitch, ValueInput, ValueText } from './value-input.tsx'
import { ValuesInput } from './values-input.tsx'

interface TestProps {
  test: Part
  at: string
  /** The types in which the value came, as far as they are known. */
  types?: readonly ValueType[]
  onChange: (test: Part) => void
}

/** How a value is tested: the operator, and what stands beside it. `operators` are those that can be chosen. */
export function ValueTest({ operators, ...props }: TestProps & { operators?: readonly string[] }) {
  const { test, at, types = [], onChange } = props
  const operator = textOf(test['operator'])
  const names = operators ?? operatorsFor(types, operator)
  const options = Object.fromEntries(names.map((name) => [name, entryOf(OPERATORS, name)?.words ?? name]))
  return (
    <>
      <Choice
        label="Test"
        options={options}
        value={operator}
        at={`${at}/operator`}
        onChange={(next) => onChange(withOperator(test, next, types))}
      />
      <Operands {...props} isResult={operators !== undefined} />
    </>
  )
}

/** What stands beside an operator. */
function Operands({ isResult, ...props }: TestProps & { isResult: boolean }) {
  const takes = entryOf(OPERATORS, props.test['operator'])?.takes ?? 'nothing'
  // What was counted or computed is a number, and so is what it equals.
  const Inputs = OPERANDS[isResult && takes === 'value' ? 'number' : takes]
  return <Inputs {...props} />
}

/** The value, place and change of one member of a test. */
function memberOf({ test, at, onChange }: TestProps, name: string) {
  return {
    value: test[name],
    at: `${at}/${name}`,
    onChange: (value: unknown) => onChange(withMember(test, name, value)),
  }
}

function CaseOf(props: TestProps) {
  if (typeof props.test['value'] !== 'string') return null
  return <CaseSwitch {...memberOf(props, 'ignoreCase')} />
}

const OPERANDS: Readonly<Record<Operand, ComponentType<TestProps>>> = {
  nothing: () => null,
  value: (props) => (
    <>
      <ValueInput kinds={['text', 'number', 'boolean', 'null', 'json']} {...memberOf(props, 'value')} />
      <CaseOf {...props} />
    </>
  ),
  scalar: (props) => (
    <>
      <ValueInput kinds={['text', 'number', 'boolean']} {...memberOf(props, 'value')} />
      <CaseOf {...props} />
    </>
  ),
  text: (props) => (
    <>
      <ValueText {...memberOf(props, 'value')} />
      <CaseOf {...props} />
    </>
  ),
  values: (props) => (
    <ValuesInput
      {...memberOf(props, 'values')}
      values={listOf(props.test['values'])}
      types={props.types ?? []}
    />
  ),
  number: (props) => <NumberField label="Value" {...memberOf(props, 'value')} />,
  numbers: (props) => (
    <>
      <NumberField label="From" {...memberOf(props, 'from')} />
      <NumberField label="To" {...memberOf(props, 'to')} />
    </>
  ),
  moment: (props) => <MomentInput label="Moment" {...memberOf(props, 'value')} />,
  moments: (props) => (
    <>
      <MomentInput label="From" {...memberOf(props, 'from')} />
      <MomentInput label="Before" {...memberOf(props, 'to')} />
    </>
  ),
}
