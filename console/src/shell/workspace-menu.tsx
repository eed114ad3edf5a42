import { Button, Menu } from '@mantine/core'
import { IconChevronDown } from '@tabler/icons-react'
import { useSession, useWorkspace } from '../api/session.ts'
import { useEnter } from '../api/enter.ts'

/** The workspace that is open, and the way into the others. */
export function WorkspaceMenu() {
  const { workspaces } = useSession()
  const workspace = useWorkspace()
  const enter = useEnter()
  return (
    <Menu position="bottom-start" width={260}>
      <Menu.Target>
        <Button
          variant="default"
          size="xs"
          maw={200}
          rightSection={<IconChevronDown size={14} aria-hidden />}
          aria-label={`Workspace ${workspace.name}, choose another`}
          loading={enter.isPending}
        >
          {workspace.name}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Workspaces</Menu.Label>
        {workspaces.map(({ guid, name }) => (
          <Menu.Item
            key={guid}
            disabled={guid === workspace.guid}
            onClick={() => enter.mutate({ guid, next: undefined })}
          >
            {name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
