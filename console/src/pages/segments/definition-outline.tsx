import { List, Text } from '@mantine/core'
import { useComputedNames } from '../../definitions/computed-list.ts'
import { wordsOf } from './condition-words.ts'
import type { Words } from './condition-words.ts'

/** A definition in words; groups are lists inside lists. */
export function DefinitionOutline({ definition }: { definition: unknown }) {
  return <Outline words={wordsOf(definition, useComputedNames())} />
}

function Outline({ words: { text, parts } }: { words: Words }) {
  return (
    <>
      <Text size="sm">{parts.length === 0 ? text : `${text}:`}</Text>
      {parts.length > 0 && (
        <List size="sm" withPadding spacing={4} mt={4} listStyleType="disc">
          {parts.map((part, index) => (
            // The parts of a definition have no names, and it does not change here.
            <List.Item key={index}>
              <Outline words={part} />
            </List.Item>
          ))}
        </List>
      )}
    </>
  )
}
