import { Button, Container } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { EmptyState } from '../parts/empty-state.tsx'
import { PATHS } from '../paths.ts'

/** Shown for an address that no page has. */
export function NotFound() {
  return (
    <Container py="xl" size="sm" component="main">
      <EmptyState
        title="There is no such page"
        text="The address may have been cut, or what it showed is gone."
        action={
          <Button component={Link} to={PATHS.overview}>
            To the overview
          </Button>
        }
      />
    </Container>
  )
}
