import { NavLink, Stack } from '@mantine/core'
import { Link, useRouterState } from '@tanstack/react-router'
import { useMay } from '../api/session.ts'
import { PATHS } from '../paths.ts'
import { SETTINGS, placesFor } from './navigation.ts'

/** The places that the one who is signed in may go to. */
export function Navigation() {
  const may = useMay()
  const pathname = useRouterState({ select: (state) => state.location.pathname })
  const places = placesFor(may)
  const isInSettings = SETTINGS.some(({ path }) => path === pathname)
  const isIn = (path: string): boolean =>
    path === '/' ? pathname === '/' : pathname === path || pathname.startsWith(`${path}/`)
  return (
    <Stack gap={2} component="nav" aria-label="Main">
      {places.map(({ label, path, icon: Icon }) => {
        const isActive = path === PATHS.account ? isInSettings : isIn(path)
        return (
          <NavLink
            key={path}
            component={Link}
            to={path}
            label={label}
            active={isActive}
            aria-current={isActive ? 'page' : undefined}
            variant="light"
            leftSection={<Icon size={18} stroke={1.7} aria-hidden />}
            style={{ borderRadius: 'var(--mantine-radius-md)' }}
          />
        )
      })}
    </Stack>
  )
}
