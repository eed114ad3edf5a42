import { Button, Menu } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { Fragment } from 'react'
import type { Part } from '../../definitions/part.ts'
import { CONDITION_KINDS } from './condition-types.ts'

const HEADS = [...new Set(CONDITION_KINDS.map(({ about }) => about))]

/** Adds a condition of any kind. */
export function AddCondition({ label, onAdd }: { label: string; onAdd: (condition: Part) => void }) {
  return (
    <Menu position="bottom-start" width={230}>
      <Menu.Target>
        <Button variant="light" size="xs" leftSection={<IconPlus size={14} aria-hidden />}>
          {label}
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={420} style={{ overflowY: 'auto' }}>
        {HEADS.map((head) => (
          <Fragment key={head}>
            <Menu.Label>{head}</Menu.Label>
            {CONDITION_KINDS.filter(({ about }) => about === head).map(({ label: name, draft }) => (
              <Menu.Item key={name} onClick={() => onAdd(draft)}>
                {name}
              </Menu.Item>
            ))}
          </Fragment>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
