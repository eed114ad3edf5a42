import { Button, Container } from '@mantine/core'
import { useRouter } from '@tanstack/react-router'
import { ProblemAlert } from '../parts/problem-alert.tsx'

/** Shown in place of a page that failed; the navigation around it stays. */
export function RouteFailure({ error, reset }: { error: unknown; reset: () => void }) {
  const router = useRouter()
  const again = (): void => {
    reset()
    void router.invalidate()
  }
  return (
    <Container py="xl" size="sm">
      <ProblemAlert error={error} action={<Button onClick={again}>Try again</Button>} />
    </Container>
  )
}
