import { Anchor, Paper, SimpleGrid, Text } from '@mantine/core'
import type { Stats } from '@tributary/sdk'
import { Link } from '@tanstack/react-router'
import { countText } from '../../parts/format.ts'
import { PATHS } from '../../paths.ts'

/** What there is in the workspace. */
export function Totals({ totals }: { totals: Stats }) {
  const { profiles, events, transactions, rejections } = totals
  const tiles = [
    { label: 'Profiles', count: profiles, to: PATHS.profiles },
    { label: 'Events', count: events, to: PATHS.live },
    { label: 'Purchases', count: transactions, to: PATHS.live },
    { label: 'Refusals', count: rejections, to: PATHS.rejections },
  ]
  return (
    <SimpleGrid cols={{ base: 2, sm: 4 }}>
      {tiles.map(({ label, count, to }) => (
        <Paper key={label} withBorder p="md">
          <Anchor size="sm" c="dimmed" renderRoot={(props) => <Link {...props} to={to} />}>
            {label}
          </Anchor>
          <Text fz={26} fw={620} lh={1.3}>
            {countText(count)}
          </Text>
        </Paper>
      ))}
    </SimpleGrid>
  )
}
