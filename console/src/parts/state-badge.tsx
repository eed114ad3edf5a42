import { Badge } from '@mantine/core'

/** Where something is on its way, in a word, with a dot of a colour of the theme. */
export function StateBadge({ color, label }: { color: string; label: string }) {
  const background = `var(--mantine-color-${color}-filled)`
  const dot = (
    <span aria-hidden style={{ background, borderRadius: '50%', display: 'block', height: 8, width: 8 }} />
  )
  return (
    <Badge variant="default" tt="none" fw={500} leftSection={dot}>
      {label}
    </Badge>
  )
}
