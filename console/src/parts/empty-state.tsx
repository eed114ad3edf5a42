import { Stack, Text, ThemeIcon, Title } from '@mantine/core'
import { IconDroplet } from '@tabler/icons-react'
import type { ReactNode } from 'react'

/** Shown where there is nothing yet: what would be here, and how it comes. */
export function EmptyState({ title, text, action }: { title: string; text?: string; action?: ReactNode }) {
  return (
    <Stack align="center" gap="xs" py={48} px="md">
      <ThemeIcon size={44} radius="xl" variant="light" aria-hidden>
        <IconDroplet />
      </ThemeIcon>
      <Title order={2} ta="center">
        {title}
      </Title>
      {text !== undefined && (
        <Text c="dimmed" ta="center" maw={440}>
          {text}
        </Text>
      )}
      {action}
    </Stack>
  )
}
