import { Select } from '@mantine/core'
import { useIsWrong } from './complaints.ts'

/** One of a few words, by what people call them. `at` is its place in the definition. */
export function Choice(props: {
  label: string
  options: Readonly<Record<string, string>>
  value: string
  at?: string
  width?: number
  onChange: (value: string) => void
}) {
  const { label, options, value, at = '', width = 150, onChange } = props
  const isWrong = useIsWrong(at)
  return (
    <Select
      label={label}
      data={Object.entries(options).map(([name, words]) => ({ value: name, label: words }))}
      value={value}
      onChange={(chosen) => chosen !== null && onChange(chosen)}
      allowDeselect={false}
      error={at !== '' && isWrong}
      flex={`1 1 ${width}px`}
      maw={{ sm: width * 1.8 }}
    />
  )
}
