import { Center, Group, Paper, Stack, Text, Title } from '@mantine/core'
import { useDocumentTitle } from '@mantine/hooks'
import type { ReactNode } from 'react'

/** A page without navigation: for whoever is not inside a workspace. */
export function Bare({ title, text, children }: { title: string; text?: ReactNode; children: ReactNode }) {
  useDocumentTitle(`${title} · Tributary`)
  return (
    <Center mih="100vh" p="md" component="main">
      <Stack w="100%" maw={400} gap="lg">
        <Group gap="sm" justify="center">
          <img src={`${import.meta.env.BASE_URL}icon.svg`} alt="" width={36} height={36} />
          <Text fw={650} size="xl">
            Tributary
          </Text>
        </Group>
        <Paper withBorder radius="lg" p="xl">
          <Stack gap="md">
            <Stack gap={4}>
              <Title order={1} size="h2">
                {title}
              </Title>
              {text !== undefined && (
                <Text c="dimmed" size="sm">
                  {text}
                </Text>
              )}
            </Stack>
            {children}
          </Stack>
        </Paper>
      </Stack>
    </Center>
  )
}
