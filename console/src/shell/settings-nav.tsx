import { NavLink, Select, Stack } from '@mantine/core'
import { Link, useNavigate, useRouterState } from '@tanstack/react-router'
import { useMay } from '../api/session.ts'
import { SETTINGS } from './navigation.ts'

/** The way between the pages of the settings: a list beside them, on narrow screens a field above them. */
export function SettingsNav({ shape }: { shape: 'list' | 'field' }) {
  const may = useMay()
  const pathname = useRouterState({ select: (state) => state.location.pathname })
  const navigate = useNavigate()
  const places = SETTINGS.filter(({ needs }) => needs === undefined || may(needs))
  if (shape === 'field')
    return (
      <Select
        label="Settings"
        hiddenFrom="md"
        allowDeselect={false}
        data={places.map(({ label, path }) => ({ value: path, label }))}
        value={pathname}
        onChange={(path) => path !== null && void navigate({ to: path })}
      />
    )
  return (
    <Stack gap={2} component="nav" aria-label="Settings" visibleFrom="md" w={168} pos="sticky" top={72}>
      {places.map(({ label, path }) => (
        <NavLink
          key={path}
          component={Link}
          to={path}
          label={label}
          active={pathname === path}
          aria-current={pathname === path ? 'page' : undefined}
          variant="light"
          style={{ borderRadius: 'var(--mantine-radius-md)' }}
        />
      ))}
    </Stack>
  )
}
