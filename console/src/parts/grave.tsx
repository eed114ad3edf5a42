import { Button, Menu } from '@mantine/core'
import type { ReactNode } from 'react'

// The shades that buttons and menus take for a red have too little contrast.
const RED = 'light-dark(var(--mantine-color-red-9), var(--mantine-color-red-4))'

/** The way to an act that cannot be taken back, or that hurts when it was not meant; a dialog asks before it is done. */
export function GraveButton({ children, onClick }: { children: ReactNode; onClick: () => void }) {
  return (
    <Button variant="subtle" color="red" c={RED} onClick={onClick}>
      {children}
    </Button>
  )
}

/** As {@link GraveButton}, in a menu. */
export function GraveItem(props: { children: ReactNode; disabled?: boolean; onClick: () => void }) {
  const { children, disabled = false, onClick } = props
  return (
    <Menu.Item c={RED} disabled={disabled} onClick={onClick}>
      {children}
    </Menu.Item>
  )
}
