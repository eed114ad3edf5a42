import { ActionIcon, Menu } from '@mantine/core'
import { IconArrowUp, IconBracketsOff, IconDots, IconTrash } from '@tabler/icons-react'

/** What can be done with a part of an expression where it stands. */
export function PartMenu(props: {
  name: string
  onMoveUp?: (() => void) | undefined
  /** Puts what is inside it in its place. */
  onUnwrap?: (() => void) | undefined
  onRemove?: (() => void) | undefined
}) {
  const { name, onMoveUp, onUnwrap, onRemove } = props
  const items = [
    ['Move up', IconArrowUp, onMoveUp],
    ['Keep only its first part', IconBracketsOff, onUnwrap],
    ['Remove', IconTrash, onRemove],
  ] as const
  if (items.every(([, , act]) => act === undefined)) return null
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`What to do with ${name}`}>
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {items.map(
          ([label, Icon, act]) =>
            act && (
              <Menu.Item key={label} leftSection={<Icon size={16} aria-hidden />} onClick={act}>
                {label}
              </Menu.Item>
            ),
        )}
      </Menu.Dropdown>
    </Menu>
  )
}
