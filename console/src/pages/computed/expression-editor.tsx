import { Button, Group, Select, Stack, Text } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { ComplaintText } from '../../definitions/complaint-text.tsx'
import { useIsWrong } from '../../definitions/complaints.ts'
import { entryOf, listOf, movedBy, partOf, textOf, withItem, withMember } from '../../definitions/part.ts'
import type { Part } from '../../definitions/part.ts'
import { JsonBlock } from '../../parts/json-block.tsx'
import { EMPTY_PART, EXPRESSION_KINDS, isKnown, partsIn, withType } from './expression-kinds.ts'
import { PartFields } from './part-fields.tsx'
import { PartMenu } from './part-menu.tsx'

interface EditorProps {
  label: string
  expression: unknown
  /** Its place, as a JSON pointer. */
  at: string
  onChange: (expression: unknown) => void
  onMoveUp?: (() => void) | undefined
  onRemove?: (() => void) | undefined
}

/** One part of an expression with every part in it. */
export function ExpressionEditor({ label, expression, at, onChange, ...acts }: EditorProps) {
  const part = partOf(expression)
  const { isList = false, slots = {} } = entryOf(EXPRESSION_KINDS, part['type']) ?? {}
  const inner = isList
    ? listOf(part['operands']).map((_, index) => `${at}/operands/${index}`)
    : Object.keys(slots).map((slot) => `${at}/${slot}`)
  const [first] = partsIn(part)
  return (
    <Stack gap="xs" role="group" aria-label={label}>
      <Group gap="xs" align="flex-end">
        <KindSelect label={label} part={part} at={at} onChange={onChange} />
        <PartFields part={part} at={at} onChange={onChange} />
        <PartMenu {...acts} name={label} onUnwrap={first === undefined ? undefined : () => onChange(first)} />
      </Group>
      {!isKnown(part) && <Unknown part={part} />}
      <ComplaintText at={at} others={inner} />
      {isList && <Operands part={part} at={at} onChange={onChange} />}
      {Object.keys(slots).length > 0 && <Slots part={part} at={at} onChange={onChange} />}
    </Stack>
  )
}

interface PartProps {
  part: Part
  at: string
  onChange: (part: Part) => void
}

const KINDS = Object.entries(EXPRESSION_KINDS)
const OPTIONS = [...new Set(KINDS.map(([, { about }]) => about))].map((group) => ({
  group,
  items: KINDS.filter(([, { about }]) => about === group).map(([value, { label }]) => ({ value, label })),
}))

function KindSelect({ label, part, at, onChange }: PartProps & { label: string }) {
  return (
    <Select
      label={label}
      data={OPTIONS}
      value={isKnown(part) ? textOf(part['type']) : null}
      onChange={(type) => type !== null && onChange(withType(part, type))}
      allowDeselect={false}
      searchable
      error={useIsWrong(`${at}/type`)}
      flex="1 1 170px"
      maw={{ sm: 260 }}
    />
  )
}

function Operands({ part, at, onChange }: PartProps) {
  const operands = listOf(part['operands'])
  const change = (next: unknown[]): void => onChange(withMember(part, 'operands', next))
  return (
    <Inset>
      {operands.map((operand, index) => (
        <ExpressionEditor
          // Parts have no names of their own; every input shows only what it is given.
          key={index}
          label={`Part ${index + 1}`}
          expression={operand}
          at={`${at}/operands/${index}`}
          onChange={(next) => change(withItem(operands, index, next))}
          onMoveUp={index === 0 ? undefined : () => change(movedBy(operands, index, -1))}
          onRemove={operands.length > 1 ? () => change(withItem(operands, index)) : undefined}
        />
      ))}
      <Group>
        <Button
          variant="subtle"
          size="compact-sm"
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() => change([...operands, EMPTY_PART])}
        >
          Add a part
        </Button>
      </Group>
    </Inset>
  )
}

function Slots({ part, at, onChange }: PartProps) {
  const { slots = {}, optional = [] } = entryOf(EXPRESSION_KINDS, part['type']) ?? {}
  return (
    <Inset>
      {Object.entries(slots).map(([slot, label]) =>
        part[slot] === undefined && optional.includes(slot) ? (
          <Group key={slot}>
            <Button
              variant="subtle"
              size="compact-sm"
              leftSection={<IconPlus size={14} aria-hidden />}
              onClick={() => onChange(withMember(part, slot, EMPTY_PART))}
            >
              {label} …
            </Button>
          </Group>
        ) : (
          <ExpressionEditor
            key={slot}
            label={label}
            expression={part[slot]}
            at={`${at}/${slot}`}
            onChange={(next) => onChange(withMember(part, slot, next))}
            onRemove={optional.includes(slot) ? () => onChange(withMember(part, slot, undefined)) : undefined}
          />
        ),
      )}
    </Inset>
  )
}

function Inset({ children }: { children: ReactNode }) {
  return (
    <Stack gap="sm" className="inset">
      {children}
    </Stack>
  )
}

function Unknown({ part }: { part: Part }) {
  return (
    <>
      <Text size="sm">The form does not know this part. The tab JSON can change it.</Text>
      <JsonBlock value={part} maxHeight={160} />
    </>
  )
}
