import { Checkbox, Table } from '@mantine/core'
import { ACTS, GROUPS } from './role-permissions.ts'
import type { Act, Group, Permission } from './role-permissions.ts'

/** What may be done to what: a box for each. */
export function RoleMatrix(props: {
  held: ReadonlySet<Permission>
  onChange: (held: ReadonlySet<Permission>) => void
}) {
  const { held, onChange } = props
  const toggle = (permission: Permission): void => {
    const next = new Set(held)
    if (!next.delete(permission)) next.add(permission)
    onChange(next)
  }
  return (
    <Table.ScrollContainer minWidth={520} type="native" tabIndex={0} role="region" aria-label="Permissions">
      <Table verticalSpacing={6} aria-label="Permissions">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>What</Table.Th>
            {ACTS.map((act) => (
              <Table.Th key={act} ta="center">
                {act}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {(Object.entries(GROUPS) as [Group, string][]).map(([group, label]) => (
            <Table.Tr key={group}>
              <Table.Th scope="row" fw={400}>
                {label}
              </Table.Th>
              {ACTS.map((act) => (
                <Table.Td key={act}>
                  <Cell group={group} act={act} held={held} onToggle={toggle} />
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

function Cell(props: {
  group: Group
  act: Act
  held: ReadonlySet<Permission>
  onToggle: (permission: Permission) => void
}) {
  const { group, act, held, onToggle } = props
  const permission: Permission = `${group}:${act}`
  return (
    <Checkbox
      aria-label={`${act}: ${GROUPS[group]}`}
      checked={held.has(permission)}
      onChange={() => onToggle(permission)}
      styles={{ body: { justifyContent: 'center' } }}
    />
  )
}
