import { Text } from '@mantine/core'
import { useComplaint, withoutPlace } from './complaints.ts'

/** Says what is wrong with a part of a definition, at that part; what is inside one of `others` is said there. */
export function ComplaintText({ at, others }: { at: string; others?: readonly string[] }) {
  const complaint = useComplaint(at, others)
  if (complaint === undefined) return null
  return (
    <Text size="sm" c="var(--mantine-color-error)" role="status">
      {withoutPlace(complaint)}
    </Text>
  )
}
