import { Badge } from '@mantine/core'

/** What people call the APIs that the server speaks, by their names. */
export const DIALECT_NAMES: Readonly<Record<string, string>> = {
  native: 'Tributary',
  synerise: 'Synerise',
  webengage: 'WebEngage',
  xtremepush: 'Xtremepush',
  pyze: 'Pyze',
  yotpo: 'Yotpo',
}

/** A colour for each, of plots too; readable on light and dark. */
export const DIALECT_COLORS: Readonly<Record<string, string>> = {
  native: '#0b7285',
  synerise: '#7048e8',
  webengage: '#1971c2',
  xtremepush: '#c2255c',
  pyze: '#2b8a3e',
  yotpo: '#d9480f',
}

/** By which API something came. */
export function DialectBadge({ dialect }: { dialect: string }) {
  return (
    <Badge variant="default" tt="none" fw={500} leftSection={<Dot color={DIALECT_COLORS[dialect]} />}>
      {DIALECT_NAMES[dialect] ?? dialect}
    </Badge>
  )
}

function Dot({ color = 'gray' }: { color?: string | undefined }) {
  return (
    <span
      aria-hidden
      style={{ background: color, borderRadius: '50%', display: 'block', height: 8, width: 8 }}
    />
  )
}
