import { AppShell, Burger, Container, Group, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { Link, Outlet, useRouterState } from '@tanstack/react-router'
import { useEffect } from 'react'
import { PATHS } from '../paths.ts'
import { AccountMenu } from './account-menu.tsx'
import { FindButton } from './find.tsx'
import { Navigation } from './navigation-list.tsx'
import { SchemeButton } from './scheme-button.tsx'
import { WorkspaceMenu } from './workspace-menu.tsx'

/** What stands around every page inside a workspace. */
export function Shell() {
  const [isOpen, { toggle, close }] = useDisclosure()
  const pathname = useRouterState({ select: (state) => state.location.pathname })
  useEffect(close, [pathname, close])
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 216, breakpoint: 'sm', collapsed: { mobile: !isOpen } }}
      padding="md"
    >
      <a href="#main" className="skip-link">
        To the content
      </a>
      <AppShell.Header px="md">
        <Group h="100%" justify="space-between" wrap="nowrap" gap="xs">
          <Group gap="sm" wrap="nowrap" miw={0}>
            <Burger
              opened={isOpen}
              onClick={toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={isOpen ? 'Close the navigation' : 'Open the navigation'}
            />
            <Brand />
            <WorkspaceMenu />
          </Group>
          <Group gap={4} wrap="nowrap">
            <FindButton />
            <SchemeButton />
            <AccountMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="sm">
        <Navigation />
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1}>
        <Container size={1200} p={0}>
          <Outlet />
        </Container>
      </AppShell.Main>
    </AppShell>
  )
}

function Brand() {
  return (
    <Link to={PATHS.overview} aria-label="Tributary, to the overview" style={{ textDecoration: 'none' }}>
      <Group gap={8} wrap="nowrap">
        <img src={`${import.meta.env.BASE_URL}icon.svg`} alt="" width={28} height={28} />
        <Text fw={650} c="var(--mantine-color-text)" visibleFrom="md">
          Tributary
        </Text>
      </Group>
    </Link>
  )
}
