import { Alert } from '@mantine/core'
import { IconArrowsSplit } from '@tabler/icons-react'
import { ProblemError } from '../../api/problem.ts'
import { ProblemAlert } from '../../parts/problem-alert.tsx'

/** What went wrong with a save; where somebody else was faster, what to do about it. */
export function ConflictAlert({ error }: { error: unknown }) {
  if (!(error instanceof ProblemError) || error.status !== 412) return <ProblemAlert error={error} />
  return (
    <Alert
      color="yellow"
      role="alert"
      icon={<IconArrowsSplit aria-hidden />}
      title="Somebody changed the workspace meanwhile"
    >
      Nothing was saved, and what you typed is still here. The rest of the page shows what is there now: save
      again to write over it, or discard your changes. (Trace id {error.problem.traceId})
    </Alert>
  )
}
