import { Group, Stack, Text } from '@mantine/core'
import type { Profile } from '@tributary/sdk'
import { DialectBadge } from '../../parts/dialects.tsx'
import { Time } from '../../parts/time.tsx'

const KINDS: Readonly<Record<string, string>> = {
  userId: 'User id',
  email: 'E-mail',
  phone: 'Phone',
  uuid: 'UUID',
  anonymousId: 'Anonymous id',
  deviceId: 'Device id',
  alias: 'Alias',
}

/** What somebody is known by, and where each came from. */
export function Identifiers({ profile: { identifiers } }: { profile: Profile }) {
  if (identifiers.length === 0)
    return <Text size="sm">Nothing: nobody can be recognised as this person.</Text>
  return (
    <Stack gap="sm">
      {identifiers.map(({ kind, label, value, source, firstSeenAt, isPrimary }) => (
        <div key={`${kind} ${label ?? ''} ${value}`}>
          <Text size="xs" c="dimmed">
            {KINDS[kind] ?? kind}
            {label !== undefined && ` (${label})`}
            {isPrimary && ', first choice'}
          </Text>
          <Text size="sm" fw={500}>
            {value}
          </Text>
          <Group gap={6} fz="xs" c="dimmed">
            <DialectBadge dialect={source} />
            <Time at={firstSeenAt} />
          </Group>
        </div>
      ))}
    </Stack>
  )
}
