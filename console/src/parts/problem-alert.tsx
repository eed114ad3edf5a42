import { Alert, Code, Group, List, Stack, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { problemOf } from '../api/problem.ts'

/** What went wrong, why, where, and by which trace id the log has it. */
export function ProblemAlert({ error, action }: { error: unknown; action?: ReactNode }) {
  const { title, detail, code, traceId, errors = [] } = problemOf(error)
  return (
    <Alert color="red" variant="light" icon={<IconAlertTriangle aria-hidden />} title={title} role="alert">
      <Stack gap="xs">
        {detail !== title && <Text size="sm">{detail}</Text>}
        {errors.length > 0 && (
          <List size="sm">
            {errors.map(({ pointer, detail: complaint }) => (
              <List.Item key={`${pointer} ${complaint}`}>
                <Code>{pointer || '/'}</Code> {complaint}
              </List.Item>
            ))}
          </List>
        )}
        {(code ?? traceId) !== undefined && (
          <Text size="xs">
            {code} {traceId !== undefined && <>· trace id {traceId}</>}
          </Text>
        )}
        {action !== undefined && <Group>{action}</Group>}
      </Stack>
    </Alert>
  )
}
