import { Stack, Text } from '@mantine/core'
import { Card } from '../../parts/card.tsx'
import { PolicyFacts } from './policy-facts.tsx'
import { PolicyForm } from './policy-form.tsx'
import { RETENTION } from './policy-groups-data.ts'
import type { PolicyGroup } from './policy-types.ts'
import { valuesOf } from './policy-values.ts'
import { RetentionButton } from './retention-button.tsx'
import type { ReadWorkspace } from './workspace-query.ts'

/** A group of settings: a form, or what the configuration file says. */
export function PolicyCard({ group, read }: { group: PolicyGroup; read: ReadWorkspace }) {
  const { title, text, fields } = group
  const { settings, managedBy } = read.workspace
  const isManaged = managedBy === 'config'
  return (
    <Card title={title}>
      <Stack gap="sm">
        {text !== undefined && (
          <Text size="sm" c="dimmed">
            {text}
          </Text>
        )}
        {isManaged ? (
          <PolicyFacts group={group} settings={settings} />
        ) : (
          <PolicyForm group={group} read={read} />
        )}
        {isManaged && group === RETENTION && <RetentionButton values={valuesOf(fields, settings)} />}
      </Stack>
    </Card>
  )
}
