import { Stack } from '@mantine/core'
import { useSession, useWorkspace } from '../../api/session.ts'
import { Card } from '../../parts/card.tsx'
import { Facts } from '../../parts/facts.tsx'
import { SettingsPage } from '../../parts/settings-page.tsx'
import { Time } from '../../parts/time.tsx'
import { PasswordChange } from './password-change.tsx'
import { SecondFactor } from './second-factor.tsx'
import { RANKS } from './ranks.ts'

/** What is about oneself: who one is here, the password and the second factor. */
export function AccountPage() {
  const { user, expiresAt } = useSession()
  const { name, role } = useWorkspace()
  return (
    <SettingsPage title="My account">
      <Stack gap="md" maw={640}>
        <Card title="Who you are">
          <Facts
            facts={{
              'E-mail': user.email,
              'In the installation': RANKS[user.role] ?? user.role,
              [`In ${name}`]: user.role === 'member' ? (role ?? 'reader') : undefined,
              'Signed in until': <Time at={expiresAt} whole />,
            }}
          />
        </Card>
        <Card title="Password">
          <PasswordChange />
        </Card>
        <Card title="Second factor">
          <SecondFactor />
        </Card>
      </Stack>
    </SettingsPage>
  )
}
