import { Alert, Button, Stack } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { useEffect } from 'react'
import { useEnter } from '../../api/enter.ts'
import { ProblemError } from '../../api/problem.ts'
import { useSession } from '../../api/session.ts'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { Bare } from '../../shell/bare.tsx'
import { OtherPerson } from './other-person.tsx'
import { SecondFactor } from '../settings/second-factor.tsx'

const route = getRouteApi('/with-session/workspaces')

/** Which workspace to work in; where there is only one it is entered at once. */
export function WorkspacesPage() {
  const { user, workspaces } = useSession()
  const { next } = route.useSearch()
  const { mutate, isPending, error, variables } = useEnter()
  const isWanted = isFactorWanted(error)
  const [only] = workspaces.length === 1 ? workspaces : []
  const onlyGuid = only?.guid
  useEffect(() => {
    if (onlyGuid !== undefined) mutate({ guid: onlyGuid, next })
  }, [onlyGuid, next, mutate])
  return (
    <Bare title="Choose a workspace">
      {error && !(isWanted && user.hasTotp) && <ProblemAlert error={error} />}
      {/* It stays when it is set up: it shows the recovery codes then. */}
      {isWanted && <SecondFactor />}
      {workspaces.length === 0 && (
        <Alert color="yellow">
          You are not in any workspace yet. Somebody who administers one can add you.
        </Alert>
      )}
      <Stack gap="xs">
        {workspaces.map(({ guid, name }) => (
          <Button
            key={guid}
            variant="default"
            justify="flex-start"
            loading={isPending && variables?.guid === guid}
            onClick={() => mutate({ guid, next })}
          >
            {name}
          </Button>
        ))}
      </Stack>
      <OtherPerson />
    </Bare>
  )
}

/** A workspace may ask for a second factor, which who has none can only set up here. */
function isFactorWanted(error: Error | null): boolean {
  return error instanceof ProblemError && error.problem.code === 'CDP_MFA_REQUIRED'
}
