import { Anchor } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { PATHS } from '../paths.ts'

/** The way to a profile, by its id. */
export function PersonLink({ profileId, children }: { profileId: number | null; children?: ReactNode }) {
  if (profileId === null) return 'nobody'
  const params = { profileId: String(profileId) }
  return (
    <Anchor size="sm" renderRoot={(props) => <Link {...props} to={PATHS.profile} params={params} />}>
      {children ?? `Profile ${profileId}`}
    </Anchor>
  )
}
