import { Drawer, Stack, Text } from '@mantine/core'
import { DialectBadge } from '../../parts/dialects.tsx'
import { Facts } from '../../parts/facts.tsx'
import { JsonBlock } from '../../parts/json-block.tsx'
import { PersonLink } from '../../parts/person-link.tsx'
import { Time } from '../../parts/time.tsx'
import { receivedAt, recordOf, titleOfItem } from './live-item.ts'
import type { LiveItem } from './live-item.ts'
import { RejectionDetails } from './rejection-details.tsx'

/** Everything about one item. */
export function ItemDrawer({ item, onClose }: { item: LiveItem; onClose: () => void }) {
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="lg"
      title={titleOfItem(item)}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {item.kind === 'rejection' ? (
        <RejectionDetails rejection={item.rejection} />
      ) : (
        <Stack gap="md">
          <Facts
            facts={{
              API: <DialectBadge dialect={item.dialect} />,
              Person: <PersonLink profileId={item.profileId} />,
              Received: <Time at={receivedAt(item)} whole />,
              'Shown after': `${Math.round(item.lagMs)} ms`,
            }}
          />
          <Text size="sm" fw={600}>
            What was stored
          </Text>
          <JsonBlock value={recordOf(item)} maxHeight={560} />
        </Stack>
      )}
    </Drawer>
  )
}
