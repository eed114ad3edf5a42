import { Text } from '@mantine/core'
import { Facts } from '../../parts/facts.tsx'
import type { PolicyGroup } from './policy-types.ts'
import { isGroupOn, valuesOf } from './policy-values.ts'
import type { Settings } from './policy-values.ts'
import { wordsOfValue } from './policy-words.ts'

/** Settings that can only be read. */
export function PolicyFacts({ group, settings }: { group: PolicyGroup; settings: Settings }) {
  if (!isGroupOn(group, settings)) return <Text size="sm">Off.</Text>
  const values = valuesOf(group.fields, settings)
  return (
    <Facts
      facts={Object.fromEntries(
        group.fields.map((field) => [field.label, wordsOfValue(field, values[field.path])]),
      )}
    />
  )
}
