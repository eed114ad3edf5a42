import { Box, Group, Stack } from '@mantine/core'
import { useRouterState } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useMay } from '../api/session.ts'
import { SETTINGS } from '../shell/navigation.ts'
import { SettingsNav } from '../shell/settings-nav.tsx'
import { EmptyState } from './empty-state.tsx'
import { Page } from './page.tsx'

/** A page of the settings, beside the way to the others. What is in it is not even read for who may not see it. */
export function SettingsPage(props: {
  title: string
  text?: ReactNode
  actions?: ReactNode
  children: ReactNode
}) {
  const { title, text, actions, children } = props
  const may = useMay()
  const pathname = useRouterState({ select: (state) => state.location.pathname })
  const needs = SETTINGS.find(({ path }) => path === pathname)?.needs
  const isAllowed = needs === undefined || may(needs)
  return (
    <Group align="flex-start" wrap="nowrap" gap="xl">
      <SettingsNav shape="list" />
      <Box flex={1} miw={0}>
        <Stack gap="md">
          <SettingsNav shape="field" />
          <Page title={title} text={text} actions={isAllowed ? actions : undefined}>
            {isAllowed ? children : <NotAllowed />}
          </Page>
        </Stack>
      </Box>
    </Group>
  )
}

function NotAllowed() {
  return (
    <EmptyState
      title="This is for owners and admins"
      text="Your role in this workspace does not reach this page. Who administers the workspace can change that."
    />
  )
}
