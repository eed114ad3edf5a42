import { Button, Text } from '@mantine/core'
import { ProblemError } from '../api/problem.ts'
import { ProblemAlert } from './problem-alert.tsx'

/** Why something was not saved; where somebody else was faster, with the way to save over that. */
export function SaveProblem({ error, onForce }: { error: unknown; onForce: () => void }) {
  const isStale = error instanceof ProblemError && error.problem.code === 'CDP_PRECONDITION_FAILED'
  return <ProblemAlert error={error} action={isStale ? <Overwrite onForce={onForce} /> : undefined} />
}

function Overwrite({ onForce }: { onForce: () => void }) {
  return (
    <>
      <Text size="sm">Open it in another tab to compare, then save yours over it or leave it.</Text>
      <Button color="red.8" size="xs" onClick={onForce}>
        Save mine over it
      </Button>
    </>
  )
}
