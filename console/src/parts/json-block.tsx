import { Code } from '@mantine/core'

/** A value as JSON, for people; long ones scroll. */
export function JsonBlock({ value, maxHeight = 360 }: { value: unknown; maxHeight?: number }) {
  return (
    <Code block tabIndex={0} style={{ maxHeight, overflow: 'auto', whiteSpace: 'pre-wrap' }}>
      {JSON.stringify(value, undefined, 2)}
    </Code>
  )
}

/** A value in one line: texts as they are, everything else as JSON. */
export function valueText(value: unknown): string {
  if (typeof value === 'string') return value
  return value === undefined ? '' : JSON.stringify(value)
}
