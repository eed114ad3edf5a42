import { Badge, Group } from '@mantine/core'
import type { Erasure } from '@tributary/sdk'

/** Whether all of it was looked through, and what is in the way. */
export function ErasureState({ erasure: { state, error } }: { erasure: Erasure }) {
  const isDone = state === 'done'
  return (
    <Group gap={6}>
      <Badge variant="dot" color={isDone ? 'teal' : 'blue'} tt="none" fw={500}>
        {isDone ? 'Done' : 'Running'}
      </Badge>
      {error !== null && (
        <Badge variant="outline" color="red.8" tt="none">
          {error}
        </Badge>
      )}
    </Group>
  )
}
