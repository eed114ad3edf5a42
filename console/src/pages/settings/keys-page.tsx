import { Button } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { useWorkspace } from '../../api/session.ts'
import { SettingsPage } from '../../parts/settings-page.tsx'
import { KeyDialog } from './key-dialog.tsx'
import { KeyList } from './key-list.tsx'

/** Credentials of programs, for every API that the server speaks. */
export function KeysPage() {
  const { name } = useWorkspace()
  const [isOpen, setOpen] = useState(false)
  return (
    <SettingsPage
      title="API keys"
      text={`Credentials of programs that work with ${name}. A secret is shown once, when it is made.`}
      actions={
        <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setOpen(true)}>
          Make a key
        </Button>
      }
    >
      <KeyList />
      {isOpen && <KeyDialog onClose={() => setOpen(false)} />}
    </SettingsPage>
  )
}
