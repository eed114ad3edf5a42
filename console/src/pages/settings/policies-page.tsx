import { Stack, Tabs } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { useWorkspace } from '../../api/session.ts'
import { ManagedAlert } from '../../parts/managed.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { SettingsPage } from '../../parts/settings-page.tsx'
import { PolicyCard } from './policy-card.tsx'
import { SECTIONS } from './policy-sections.ts'
import { ProviderSecrets } from './provider-secrets.tsx'
import { useReadWorkspace } from './workspace-query.ts'
import type { ReadWorkspace } from './workspace-query.ts'

const route = getRouteApi('/with-session/in-workspace/settings/policies')

/** The settings of the workspace. */
export function PoliciesPage() {
  const { name } = useWorkspace()
  return (
    <SettingsPage title="Policies" text={`How ${name} reads, keeps and protects what it is told.`}>
      <Policies />
    </SettingsPage>
  )
}

function Policies() {
  const query = useReadWorkspace()
  return (
    <QueryState query={query} lines={10}>
      {(read) => (
        <Stack gap="md">
          {read.workspace.managedBy === 'config' && <ManagedAlert what="These settings" />}
          <Sections read={read} />
        </Stack>
      )}
    </QueryState>
  )
}

function Sections({ read }: { read: ReadWorkspace }) {
  const { section } = route.useSearch()
  const navigate = route.useNavigate()
  const shown = SECTIONS.find(({ id }) => id === section) ?? SECTIONS[0]
  if (!shown) return null
  return (
    <Tabs
      value={shown.id}
      onChange={(value) => void navigate({ search: { section: value ?? undefined }, replace: true })}
      keepMounted={false}
    >
      <Tabs.List mb="md">
        {SECTIONS.map(({ id, label }) => (
          <Tabs.Tab key={id} value={id}>
            {label}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {SECTIONS.map(({ id, groups }) => (
        <Tabs.Panel key={id} value={id}>
          <Stack gap="md" maw={720}>
            {groups.map((group) => (
              <PolicyCard key={group.id} group={group} read={read} />
            ))}
            {id === 'providers' && <ProviderSecrets />}
          </Stack>
        </Tabs.Panel>
      ))}
    </Tabs>
  )
}
