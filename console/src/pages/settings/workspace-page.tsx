import { Button, Group } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { useEnter } from '../../api/enter.ts'
import { useMay, useSession, useWorkspace } from '../../api/session.ts'
import { Card } from '../../parts/card.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import { Facts } from '../../parts/facts.tsx'
import { CopyText } from '../../parts/copy-text.tsx'
import { ManagedBadge } from '../../parts/managed.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { SettingsPage } from '../../parts/settings-page.tsx'
import { Time } from '../../parts/time.tsx'
import { GraveButton } from '../../parts/grave.tsx'
import { ArchiveDialog } from './archive-dialog.tsx'
import { NewWorkspaceDialog } from './new-workspace-dialog.tsx'
import { RenameDialog } from './rename-dialog.tsx'
import { useReadWorkspace } from './workspace-query.ts'
import type { ReadWorkspace } from './workspace-query.ts'

/** The workspaces where one works, and what can be done with the one that is open. */
export function WorkspacePage() {
  const may = useMay()
  const [isOpen, setOpen] = useState(false)
  return (
    <SettingsPage
      title="Workspaces"
      text="A workspace is the wall around one body of customer data: nothing leads from one into another."
      actions={
        may('workspaces:create') && (
          <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setOpen(true)}>
            Make a workspace
          </Button>
        )
      }
    >
      <OpenWorkspace />
      <Card title="All of yours">
        <WorkspaceList />
      </Card>
      {isOpen && <NewWorkspaceDialog onClose={() => setOpen(false)} />}
    </SettingsPage>
  )
}

function OpenWorkspace() {
  const query = useReadWorkspace()
  return (
    <Card title="The one that is open">
      <QueryState query={query} lines={2}>
        {(read) => <Known read={read} />}
      </QueryState>
    </Card>
  )
}

function Known({ read }: { read: ReadWorkspace }) {
  const { guid, name, createdAt, managedBy } = read.workspace
  const [opened, setOpened] = useState<'rename' | 'archive'>()
  const close = (): void => setOpened(undefined)
  const isManaged = managedBy === 'config'
  return (
    <>
      <Facts
        facts={{
          Name: name,
          Guid: <CopyText text={guid} label="the guid" />,
          Made: <Time at={createdAt} whole />,
          'Managed by': isManaged ? <ManagedBadge /> : undefined,
        }}
      />
      {!isManaged && (
        <Group gap="xs" mt="md">
          <Button variant="default" onClick={() => setOpened('rename')}>
            Rename
          </Button>
          <GraveButton onClick={() => setOpened('archive')}>Archive</GraveButton>
        </Group>
      )}
      {opened === 'rename' && <RenameDialog read={read} onClose={close} />}
      {opened === 'archive' && <ArchiveDialog read={read} onClose={close} />}
    </>
  )
}

function WorkspaceList() {
  const { workspaces } = useSession()
  const { guid: here } = useWorkspace()
  const enter = useEnter()
  return (
    <DataTable
      label="Workspaces"
      rows={workspaces}
      keyOf={({ guid }) => guid}
      columns={[
        { head: 'Name', cell: ({ name }) => name },
        {
          head: 'Asks for',
          cell: ({ mfaRequired, ipRestricted }) =>
            [mfaRequired && 'a second factor', ipRestricted && 'a known network']
              .filter(Boolean)
              .join(', ') || 'nothing more',
        },
        {
          head: 'Acts',
          align: 'right',
          cell: ({ guid, name }) =>
            guid === here ? (
              'open'
            ) : (
              <Button
                variant="subtle"
                size="compact-sm"
                aria-label={`Open ${name}`}
                loading={enter.isPending && enter.variables?.guid === guid}
                onClick={() => enter.mutate({ guid, next: undefined })}
              >
                Open
              </Button>
            ),
        },
      ]}
    />
  )
}
