import { ActionIcon, Menu, Text } from '@mantine/core'
import { IconLogout, IconUserCircle } from '@tabler/icons-react'
import { logOut } from '@tributary/sdk'
import { useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { client } from '../api/client.ts'
import { answerOf } from '../api/problem.ts'
import { markSignedIn, useSession } from '../api/session.ts'
import { PATHS } from '../paths.ts'

/** Who is signed in, and the way out. */
export function AccountMenu() {
  const { user } = useSession()
  const queryClient = useQueryClient()
  const leave = async (): Promise<void> => {
    // Whatever the server says: this browser forgets what it has read.
    await answerOf(logOut({ client })).catch(() => undefined)
    queryClient.clear()
    markSignedIn(false)
    window.location.assign(`${import.meta.env.BASE_URL}sign-in`)
  }
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label="Account">
          <IconUserCircle size={20} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="sm" truncate>
            {user.email}
          </Text>
        </Menu.Label>
        <Menu.Item component={Link} to={PATHS.account} leftSection={<IconUserCircle size={16} aria-hidden />}>
          My account
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={() => void leave()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
