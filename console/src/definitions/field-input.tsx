import { Button, TagsInput } from '@mantine/core'
import { useIsWrong } from './complaints.ts'
import { NameInput } from './name-input.tsx'
import { listOf, textOf, withMember } from './part.ts'
import type { Part } from './part.ts'
import type { NameOf } from './suggestions.ts'

/** Which value: an attribute or a property by its name, and where it is an object or a list, the way to what is inside it. */
export function FieldInput(props: {
  label: string
  target: NameOf
  field: Part
  at: string
  onChange: (field: Part) => void
}) {
  const { label, target, field, at, onChange } = props
  const isPathWrong = useIsWrong(`${at}/path`)
  return (
    <>
      <NameInput
        label={label}
        target={target}
        value={textOf(field['name'])}
        at={`${at}/name`}
        onChange={(name) => onChange(withMember(field, 'name', name))}
      />
      {field['path'] === undefined ? (
        <Button
          variant="subtle"
          size="compact-sm"
          mb={4}
          onClick={() => onChange(withMember(field, 'path', []))}
        >
          Inside it
        </Button>
      ) : (
        <TagsInput
          label="Way to the value inside"
          placeholder="A name, or a place such as 0"
          value={listOf(field['path']).map(String)}
          allowDuplicates
          acceptValueOnBlur
          error={isPathWrong}
          onChange={(path) => onChange(withMember(field, 'path', path.length === 0 ? undefined : path))}
          flex="1 1 170px"
        />
      )}
    </>
  )
}
