import { Button, Menu } from '@mantine/core'
import { IconArrowMerge, IconChevronDown, IconDownload, IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { useMay } from '../../api/session.ts'
import { EraseDialog } from './erase-dialog.tsx'
import { MergeDialog } from './merge-dialog.tsx'
import type { ReadProfile } from './profile-query.ts'
import { useReport } from './use-report.ts'

/** What can be done with a whole profile. */
export function ProfileActions({ read: { profile } }: { read: ReadProfile }) {
  const may = useMay()
  const [opened, setOpened] = useState<'merge' | 'erase'>()
  const report = useReport(profile.id)
  const close = (): void => setOpened(undefined)
  return (
    <>
      {may('profiles:merge') && (
        <Button
          variant="default"
          leftSection={<IconArrowMerge size={16} aria-hidden />}
          onClick={() => setOpened('merge')}
        >
          Merge
        </Button>
      )}
      <Menu position="bottom-end" width={240}>
        <Menu.Target>
          <Button
            variant="default"
            rightSection={<IconChevronDown size={14} aria-hidden />}
            loading={report.isPending}
          >
            Privacy
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconDownload size={16} aria-hidden />}
            disabled={!may('profiles:report')}
            onClick={() => report.mutate()}
          >
            Access report
          </Menu.Item>
          <Menu.Item
            color="red.8"
            leftSection={<IconTrash size={16} aria-hidden />}
            disabled={!may('profiles:delete')}
            onClick={() => setOpened('erase')}
          >
            Delete or erase
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {opened === 'merge' && <MergeDialog profile={profile} onClose={close} />}
      {opened === 'erase' && <EraseDialog profile={profile} onClose={close} />}
    </>
  )
}
