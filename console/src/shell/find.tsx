import { ActionIcon, Tooltip } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { Suspense, lazy, useState } from 'react'

const FindDialog = lazy(() => import('./find-dialog.tsx').then((module) => ({ default: module.FindDialog })))

/** Opens the search over pages and profiles, also by `/` and Ctrl or Command with K. */
export function FindButton() {
  const [isOpen, setOpen] = useState(false)
  const open = (): void => setOpen(true)
  useHotkeys([
    ['mod+K', open],
    ['/', open],
  ])
  return (
    <>
      <Tooltip label="Find (Ctrl K)">
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label="Find" onClick={open}>
          <IconSearch size={18} aria-hidden />
        </ActionIcon>
      </Tooltip>
      {isOpen && (
        <Suspense>
          <FindDialog onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  )
}
