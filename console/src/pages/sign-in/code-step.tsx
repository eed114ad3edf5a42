import type { Login } from '@tributary/sdk'
import { Bare } from '../../shell/bare.tsx'
import { CodeForm } from './code-form.tsx'
import { OtherPerson } from './other-person.tsx'

/** The step behind the password of those who have a second factor. */
export function CodeStep({ onDone }: { onDone: (login: Login) => void }) {
  return (
    <Bare
      title="One more step"
      text="Enter the six digits that your authenticator shows, or a recovery code."
    >
      <CodeForm onDone={onDone} />
      <OtherPerson />
    </Bare>
  )
}
