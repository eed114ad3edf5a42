import { Button } from '@mantine/core'
import { IconMailPlus, IconUserPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { Card } from '../../parts/card.tsx'
import { SettingsPage } from '../../parts/settings-page.tsx'
import { InvitationList } from './invitation-list.tsx'
import { InviteDialog } from './invite-dialog.tsx'
import { UserDialog } from './user-dialog.tsx'
import { UserList } from './user-list.tsx'

/** Who works here, and who was asked to. */
export function UsersPage() {
  const [opened, setOpened] = useState<'invite' | 'create'>()
  const close = (): void => setOpened(undefined)
  return (
    <SettingsPage
      title="Users"
      text="Who operates the installation. An invitation lets people choose their password themselves."
      actions={
        <>
          <Button
            variant="default"
            leftSection={<IconUserPlus size={16} aria-hidden />}
            onClick={() => setOpened('create')}
          >
            Create a user
          </Button>
          <Button leftSection={<IconMailPlus size={16} aria-hidden />} onClick={() => setOpened('invite')}>
            Invite
          </Button>
        </>
      }
    >
      <UserList />
      <Card title="Invitations">
        <InvitationList />
      </Card>
      {opened === 'invite' && <InviteDialog onClose={close} />}
      {opened === 'create' && <UserDialog user={undefined} onClose={close} />}
    </SettingsPage>
  )
}
