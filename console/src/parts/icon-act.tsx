import { ActionIcon, Tooltip } from '@mantine/core'
import type { Icon } from '@tabler/icons-react'

/** A small act of a row: a picture that says its name. */
export function IconAct(props: {
  label: string
  icon: Icon
  onClick: () => void
  color?: string
  isPending?: boolean
}) {
  const { label, icon: ActIcon, onClick, color = 'gray', isPending = false } = props
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color={color} aria-label={label} onClick={onClick} loading={isPending}>
        <ActIcon size={16} aria-hidden />
      </ActionIcon>
    </Tooltip>
  )
}
