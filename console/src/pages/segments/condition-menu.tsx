import { ActionIcon, Menu } from '@mantine/core'
import {
  IconArrowDown,
  IconArrowUp,
  IconBracketsContain,
  IconCopy,
  IconDots,
  IconSlash,
  IconTrash,
} from '@tabler/icons-react'
import { grouped, negated } from './condition-types.ts'

/** What can be done with a condition where it stands. */
export interface ConditionActs {
  /** Only in lists, as far as there is a place to move to. */
  onMoveUp?: (() => void) | undefined
  onMoveDown?: (() => void) | undefined
  onCopy?: (() => void) | undefined
  onRemove?: (() => void) | undefined
}

/** Moves, wraps, turns around, copies or removes a condition. */
export function ConditionMenu(
  props: ConditionActs & { name: string; condition: unknown; onChange: (condition: unknown) => void },
) {
  const { name, condition, onChange, onMoveUp, onMoveDown, onCopy, onRemove } = props
  const items = [
    ['Move up', IconArrowUp, onMoveUp],
    ['Move down', IconArrowDown, onMoveDown],
    ['Put into “all of”', IconBracketsContain, () => onChange(grouped(condition, 'and'))],
    ['Put into “at least one of”', IconBracketsContain, () => onChange(grouped(condition, 'or'))],
    ['Turn around (not)', IconSlash, () => onChange(negated(condition))],
    ['Copy', IconCopy, onCopy],
    ['Remove', IconTrash, onRemove],
  ] as const
  return (
    <Menu position="bottom-end" width={230}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={`What to do with ${name}`}>
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
