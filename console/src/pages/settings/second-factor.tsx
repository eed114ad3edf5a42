import { Badge, Button, Group, Stack, Text } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { sessionQuery, useSession } from '../../api/session.ts'
import { notifyDone } from '../../api/notify.ts'
import { GraveButton } from '../../parts/grave.tsx'
import { RemoveFactorDialog, RenewCodesDialog } from './factor-dialogs.tsx'
import { RecoveryCodes } from './recovery-codes.tsx'
import { TotpDialog } from './totp-dialog.tsx'

/** One-time codes of an app beside the password: set up, new recovery codes, taken away. */
export function SecondFactor() {
  const { user } = useSession()
  const queryClient = useQueryClient()
  const [opened, setOpened] = useState<'set-up' | 'renew' | 'remove'>()
  const [codes, setCodes] = useState<readonly string[]>()
  const close = (): void => setOpened(undefined)
  const reread = () => queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey })
  const show = (recoveryCodes: readonly string[]): void => {
    close()
    setCodes(recoveryCodes)
    void reread()
  }
  const removed = (): void => {
    close()
    notifyDone('The second factor is gone.')
    void reread()
  }
  return (
    <Stack gap="sm">
      <State isOn={user.hasTotp} />
      <Group gap="xs">
        {!user.hasTotp && <Button onClick={() => setOpened('set-up')}>Set it up</Button>}
        {user.hasTotp && (
          <Button variant="default" onClick={() => setOpened('renew')}>
            New recovery codes
          </Button>
        )}
        {user.hasTotp && <GraveButton onClick={() => setOpened('remove')}>Remove it</GraveButton>}
      </Group>
      {opened === 'set-up' && <TotpDialog onDone={show} onClose={close} />}
      {opened === 'renew' && <RenewCodesDialog onDone={show} onClose={close} />}
      {opened === 'remove' && <RemoveFactorDialog onDone={removed} onClose={close} />}
      {codes && <RecoveryCodes codes={codes} onClose={() => setCodes(undefined)} />}
    </Stack>
  )
}

function State({ isOn }: { isOn: boolean }) {
  return (
    <Group gap="sm" wrap="nowrap" align="flex-start">
      <Badge variant="dot" color={isOn ? 'teal' : 'gray'} tt="none" flex="none">
        {isOn ? 'On' : 'Off'}
      </Badge>
      <Text size="sm">
        {isOn
          ? 'Signing in asks for six digits of your authenticator app, or for a recovery code.'
          : 'With it, who knows your password still cannot sign in: your telephone is needed too.'}
      </Text>
    </Group>
  )
}
