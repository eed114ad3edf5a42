import { Autocomplete, Checkbox, Group, Input, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useSession, useWorkspace } from '../../api/session.ts'
import { rolesQuery } from './access-queries.ts'
import { changeRole, togglePlace } from './places.ts'
import type { Place } from './places.ts'

/** In which workspaces somebody works, and with which role in each. */
export function PlacesInput(props: {
  places: readonly Place[]
  withRoles: boolean
  onChange: (places: readonly Place[]) => void
}) {
  const { places, withRoles, onChange } = props
  const { workspaces } = useSession()
  return (
    <Input.Wrapper
      label="Workspaces"
      description={withRoles ? 'A role is one of the workspace that it stands beside.' : undefined}
      labelElement="div"
    >
      <Stack gap="xs" mt={6} role="group" aria-label="Workspaces">
        {workspaces.map(({ guid, name }) => {
          const place = places.find((one) => one.guid === guid)
          return (
            <Group key={guid} gap="sm" mih={36} wrap="nowrap">
              <Checkbox
                flex={1}
                label={name}
                checked={place !== undefined}
                onChange={() => onChange(togglePlace(places, guid))}
              />
              {place && withRoles && (
                <RoleInput
                  guid={guid}
                  name={name}
                  role={place.role}
                  onChange={(role) => onChange(changeRole(places, guid, role))}
                />
              )}
            </Group>
          )
        })}
        {workspaces.length === 0 && <Text size="sm">There is none.</Text>}
      </Stack>
    </Input.Wrapper>
  )
}

/** Roles of the workspace that is open are known; of another one, their names are typed. */
function RoleInput(props: { guid: string; name: string; role: string; onChange: (role: string) => void }) {
  const { guid, name, role, onChange } = props
  const { guid: here } = useWorkspace()
  const { data } = useQuery(rolesQuery)
  const known = guid === here ? (data?.items ?? []).map((one) => one.name) : ['reader']
  return (
    <Autocomplete
      aria-label={`Role in ${name}`}
      size="xs"
      w={150}
      required
      maxLength={255}
      data={known}
      value={role}
      onChange={onChange}
    />
  )
}
