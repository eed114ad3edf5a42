import {
  IconActivity,
  IconChartAreaLine,
  IconFileExport,
  IconFileImport,
  IconMathFunction,
  IconPlugConnected,
  IconSettings,
  IconUsers,
  IconUsersGroup,
} from '@tabler/icons-react'
import type { Icon } from '@tabler/icons-react'
import { PATHS } from '../paths.ts'

/** A place in the navigation. */
export interface Place {
  label: string
  path: (typeof PATHS)[keyof typeof PATHS]
  icon: Icon
  /** The permission of the native API that its page needs; everybody sees it where there is none. */
  needs?: string
}

/** The places of the navigation, in their order. */
export const PLACES: readonly Place[] = [
  { label: 'Overview', path: PATHS.overview, icon: IconChartAreaLine, needs: 'stats:read' },
  { label: 'Live', path: PATHS.live, icon: IconActivity, needs: 'stream:read' },
  { label: 'Profiles', path: PATHS.profiles, icon: IconUsers, needs: 'profiles:read' },
  { label: 'Segments', path: PATHS.segments, icon: IconUsersGroup, needs: 'segments:read' },
  { label: 'Computed values', path: PATHS.computed, icon: IconMathFunction, needs: 'computed:read' },
  { label: 'Imports', path: PATHS.imports, icon: IconFileImport, needs: 'imports:read' },
  { label: 'Exports', path: PATHS.exports, icon: IconFileExport, needs: 'exports:read' },
  { label: 'Connect', path: PATHS.connect, icon: IconPlugConnected, needs: '*' },
  { label: 'Settings', path: PATHS.account, icon: IconSettings },
]

/** The places that somebody may go to. */
export function placesFor(may: (permission: string) => boolean): readonly Place[] {
  return PLACES.filter(({ needs }) => needs === undefined || may(needs))
}

/** The pages of the settings; what is for owners and admins needs everything. */
export const SETTINGS: readonly Omit<Place, 'icon'>[] = [
  { label: 'My account', path: PATHS.account },
  { label: 'Users', path: PATHS.users, needs: '*' },
  { label: 'Roles', path: PATHS.roles, needs: '*' },
  { label: 'API keys', path: PATHS.keys, needs: '*' },
  { label: 'Policies', path: PATHS.policies, needs: '*' },
  { label: 'Mail and SMS', path: PATHS.messages, needs: '*' },
  { label: 'Outbox', path: PATHS.outbox, needs: '*' },
  { label: 'Erasures', path: PATHS.erasures, needs: 'erasures:read' },
  { label: 'Audit log', path: PATHS.audit, needs: '*' },
  { label: 'Workspaces', path: PATHS.workspace, needs: '*' },
]
