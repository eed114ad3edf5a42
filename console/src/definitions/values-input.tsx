import { Group, TagsInput } from '@mantine/core'
import { useState } from 'react'
import { Choice } from './choice.tsx'
import { useIsWrong } from './complaints.ts'
import { LIST_KINDS, likelyKind, listKindOf, tagOf, valuesOfTags } from './values.ts'
import type { ListKind, ValueType } from './values.ts'

/** A list of texts, numbers and truth values. `types` say which of them are likely. */
export function ValuesInput(props: {
  values: readonly unknown[]
  at: string
  types: readonly ValueType[]
  onChange: (values: unknown[]) => void
}) {
  const { values, at, types, onChange } = props
  const [chosen, setChosen] = useState<ListKind>()
  const isWrong = useIsWrong(at)
  const kind = kindFor(values, chosen, types)
  const tags = values.map((value) => tagOf(value, kind))
  return (
    <Group gap="xs" align="flex-end" flex="1 1 300px">
      <Choice
        label="Kind of values"
        options={LIST_KINDS}
        value={kind}
        width={130}
        onChange={(next) => {
          setChosen(next as ListKind)
          onChange(valuesOfTags(tags, next as ListKind))
        }}
      />
      <TagsInput
        label="Values"
        placeholder={values.length === 0 ? 'Type one, then Enter' : ''}
        value={tags}
        error={isWrong}
        splitChars={[',', '\n']}
        acceptValueOnBlur
        onChange={(next) => onChange(valuesOfTags(next, kind))}
        flex="1 1 200px"
      />
    </Group>
  )
}

/** Mixed lists can hold everything; the others only their own. */
function kindFor(
  values: readonly unknown[],
  chosen: ListKind | undefined,
  types: readonly ValueType[],
): ListKind {
  const own = listKindOf(values)
  if (own !== undefined) return chosen === 'mixed' ? 'mixed' : own
  return chosen ?? (likelyKind(types) === 'number' ? 'number' : 'text')
}
