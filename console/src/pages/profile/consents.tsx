import { Badge, Group, Stack, Text } from '@mantine/core'
import type { Profile } from '@tributary/sdk'
import { DIALECT_NAMES } from '../../parts/dialects.tsx'
import { Time } from '../../parts/time.tsx'

const CHANNELS: Readonly<Record<string, string>> = {
  email: 'E-mail',
  sms: 'SMS',
  whatsapp: 'WhatsApp',
  push: 'Push',
  webPush: 'Web push',
  bluetooth: 'Bluetooth',
  rfid: 'RFID',
  wifi: 'Wi-Fi',
}

const COLORS = { granted: 'teal', denied: 'red', unknown: 'gray' } as const

/** By which channels somebody may be written to, since when and by whose word. */
export function Consents({ profile: { consents } }: { profile: Profile }) {
  if (consents.length === 0) return <Text size="sm">Nothing was said about any channel.</Text>
  return (
    <Stack gap="xs">
      {consents.map(({ channel, state, at, source }) => (
        <Group key={channel} justify="space-between" gap="xs">
          <Text size="sm">{CHANNELS[channel] ?? channel}</Text>
          <Group gap={6} fz="xs" c="dimmed">
            <span>
              {DIALECT_NAMES[source] ?? source}, <Time at={at} />
            </span>
            <Badge variant="dot" color={COLORS[state]} tt="none">
              {state}
            </Badge>
          </Group>
        </Group>
      ))}
    </Stack>
  )
}
