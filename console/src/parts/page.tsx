import { Group, Stack, Text, Title } from '@mantine/core'
import { useDocumentTitle } from '@mantine/hooks'
import type { ReactNode } from 'react'

/** A page's head and what is below it. */
export function Page(props: { title: string; text?: ReactNode; actions?: ReactNode; children: ReactNode }) {
  const { title, text, actions, children } = props
  useDocumentTitle(`${title} · Tributary`)
  return (
    <Stack gap="lg">
      <Group justify="space-between" align="flex-start" gap="sm">
        <Stack gap={2} flex={1} miw={220}>
          <Title order={1}>{title}</Title>
          {text !== undefined && (
            <Text c="dimmed" size="sm" component="div">
              {text}
            </Text>
          )}
        </Stack>
        {actions !== undefined && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </Stack>
  )
}
