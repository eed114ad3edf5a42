import { Group, Paper, SegmentedControl, Stack, Text } from '@mantine/core'
import { ComplaintText } from '../../definitions/complaint-text.tsx'
import { entryOf, listOf, movedBy, partOf, textOf, withItem, withMember } from '../../definitions/part.ts'
import type { Part } from '../../definitions/part.ts'
import { JsonBlock } from '../../parts/json-block.tsx'
import { AddCondition } from './add-condition.tsx'
import { ConditionMenu } from './condition-menu.tsx'
import type { ConditionActs } from './condition-menu.tsx'
import { titleOf } from './condition-types.ts'
import { LEAF_BODIES } from './leaf-bodies.tsx'

interface EditorProps {
  condition: unknown
  /** Its place, as a JSON pointer. */
  at: string
  onChange: (condition: unknown) => void
}

/** One condition with everything in it, and what can be done with it. */
export function ConditionEditor({ condition, at, onChange, ...acts }: EditorProps & ConditionActs) {
  const part = partOf(condition)
  const title = titleOf(part)
  const Body = bodyOf(part)
  return (
    <Paper withBorder p={{ base: 'xs', sm: 'sm' }} role="group" aria-label={title}>
      <Stack gap="xs">
        <Group justify="space-between" wrap="nowrap">
          <Text size="sm" fw={600}>
            {title}
          </Text>
          <ConditionMenu {...acts} name={title} condition={condition} onChange={onChange} />
        </Group>
        <Body part={part} at={at} onChange={onChange} />
        <ComplaintText at={at} others={innerPlaces(part, at)} />
      </Stack>
    </Paper>
  )
}

/** Places inside a condition that say themselves what is wrong there. */
function innerPlaces({ type, conditions, filters, steps }: Part, at: string): string[] {
  if (type === 'not') return [`${at}/condition`]
  const places = (list: unknown, name: string) => listOf(list).map((_, index) => `${at}/${name}/${index}`)
  return [...places(conditions, 'conditions'), ...places(filters, 'filters'), ...places(steps, 'steps')]
}

/** What a body shows and changes. */
interface BodyProps {
  part: Part
  at: string
  onChange: (part: unknown) => void
}

function bodyOf({ type }: Part) {
  if (type === 'and' || type === 'or') return GroupBody
  return type === 'not' ? NotBody : (entryOf(LEAF_BODIES, type) ?? UnknownBody)
}

function GroupBody({ part, at, onChange }: BodyProps) {
  const conditions = listOf(part['conditions'])
  const change = (next: unknown[]): void => onChange(withMember(part, 'conditions', next))
  return (
    <>
      <SegmentedControl
        aria-label="How many of them must be true"
        data={[
          { value: 'and', label: 'All of' },
          { value: 'or', label: 'At least one of' },
        ]}
        value={textOf(part['type'])}
        onChange={(type) => onChange(withMember(part, 'type', type))}
        style={{ alignSelf: 'flex-start' }}
        size="xs"
      />
      {conditions.map((condition, index) => (
        <ConditionEditor
          // Conditions have no names of their own; every input shows only what it is given.
          key={index}
          condition={condition}
          at={`${at}/conditions/${index}`}
          onChange={(next) => change(withItem(conditions, index, next))}
          onMoveUp={index === 0 ? undefined : () => change(movedBy(conditions, index, -1))}
          onMoveDown={
            index === conditions.length - 1 ? undefined : () => change(movedBy(conditions, index, 1))
          }
          onCopy={() => change(withItem(conditions, index, condition, condition))}
          onRemove={() => change(withItem(conditions, index))}
        />
      ))}
      <Group>
        <AddCondition label="Add a condition" onAdd={(condition) => change([...conditions, condition])} />
      </Group>
    </>
  )
}

function NotBody({ part, at, onChange }: BodyProps) {
  return (
    <>
      <Text size="sm" c="dimmed">
        This is not true:
      </Text>
      <ConditionEditor
        condition={part['condition']}
        at={`${at}/condition`}
        onChange={(condition) => onChange(withMember(part, 'condition', condition))}
      />
    </>
  )
}

function UnknownBody({ part }: BodyProps) {
  return (
    <>
      <Text size="sm">The form does not know this condition. The tab JSON can change it.</Text>
      <JsonBlock value={part} maxHeight={160} />
    </>
  )
}
