import { Badge, Button, Group, UnstyledButton } from '@mantine/core'
import { IconSend } from '@tabler/icons-react'
import { listMessageTemplates } from '@tributary/sdk'
import type { MessageTemplate } from '@tributary/sdk'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { client } from '../../api/client.ts'
import { answerOf } from '../../api/problem.ts'
import { DataTable } from '../../parts/data-table.tsx'
import type { Column } from '../../parts/data-table.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { SettingsPage } from '../../parts/settings-page.tsx'
import { Time } from '../../parts/time.tsx'
import { CHANNELS, OCCASIONS } from './message-words.ts'
import { TemplateDrawer } from './template-drawer.tsx'
import { TestDialog } from './test-dialog.tsx'

const route = getRouteApi('/with-session/in-workspace/settings/messages')

const templatesQuery = queryOptions({
  queryKey: ['message-templates'],
  queryFn: ({ signal }) => answerOf(listMessageTemplates({ client, signal })),
})

/** What messages of the workspace say, and whether they arrive. */
export function MessagesPage() {
  const [isOpen, setOpen] = useState(false)
  return (
    <SettingsPage
      title="Mail and SMS"
      text="What goes to people when they must prove that an address or a telephone is theirs."
      actions={
        <Button leftSection={<IconSend size={16} aria-hidden />} onClick={() => setOpen(true)}>
          Send a test
        </Button>
      }
    >
      <Templates />
      {isOpen && <TestDialog onClose={() => setOpen(false)} />}
    </SettingsPage>
  )
}

function Templates() {
  const { template } = route.useSearch()
  const navigate = route.useNavigate()
  const open = (name: string | undefined): void =>
    void navigate({ search: { template: name }, replace: true })
  const query = useQuery(templatesQuery)
  return (
    <QueryState query={query} lines={8}>
      {({ items }) => {
        const opened = items.find(({ name }) => name === template)
        return (
          <>
            <DataTable label="Messages" columns={columnsOf(open)} rows={items} keyOf={({ name }) => name} />
            {opened && <TemplateDrawer key={opened.name} template={opened} onClose={() => open(undefined)} />}
          </>
        )
      }}
    </QueryState>
  )
}

const columnsOf = (open: (name: string) => void): readonly Column<MessageTemplate>[] => [
  {
    head: 'Message',
    cell: ({ name }) => (
      <UnstyledButton
        fz="sm"
        fw={600}
        c="var(--mantine-primary-color-light-color)"
        onClick={() => open(name)}
      >
        {name}
      </UnstyledButton>
    ),
  },
  { head: 'Goes out when', cell: ({ name }) => OCCASIONS[name] ?? '', width: '40%' },
  {
    head: 'By',
    cell: ({ channels }) => channels.map((channel) => CHANNELS[channel]).join(', '),
  },
  {
    head: 'Words',
    cell: ({ updatedAt }) => (
      <Group gap="xs">
        <Badge variant={updatedAt === null ? 'default' : 'light'} tt="none">
          {updatedAt === null ? 'built in' : 'your own'}
        </Badge>
        {updatedAt !== null && <Time at={updatedAt} />}
      </Group>
    ),
  },
]
