import { Paper, Text } from '@mantine/core'
import type { ReactNode } from 'react'

/** A box with a heading. */
export function Card({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Paper withBorder p="md" component="section" aria-label={title}>
      <Text component="h2" size="sm" fw={600} mb="xs" mt={0}>
        {title}
      </Text>
      {children}
    </Paper>
  )
}
