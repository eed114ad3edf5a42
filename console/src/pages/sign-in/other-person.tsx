import { Button } from '@mantine/core'
import { signOut } from '../../api/signed-in.ts'

/** The way back for whoever is not the one who began to sign in. */
export function OtherPerson() {
  return (
    <Button variant="subtle" size="compact-sm" onClick={() => void signOut()}>
      Sign in as somebody else
    </Button>
  )
}
