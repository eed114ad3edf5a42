import type { Login } from '@tributary/sdk'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { markSignedIn, sessionQuery } from '../../api/session.ts'
import { Bare } from '../../shell/bare.tsx'
import { CodeForm } from './code-form.tsx'
import { GoogleLink } from './google-link.tsx'
import { leaveTo } from '../../api/leave-to.ts'
import { PasswordForm } from './password-form.tsx'

const route = getRouteApi('/sign-in')

/** The way in: a password or Google, then the second factor of those who have one. */
export function SignInPage() {
  const { next } = route.useSearch()
  const queryClient = useQueryClient()
  const { data: session } = useQuery(sessionQuery)
  const [login, setLogin] = useState<Login>()
  const needsCode = login?.needsCode ?? session?.needsCode ?? false
  const proceed = (given: Login): void => {
    setLogin(given)
    markSignedIn(true)
    if (given.needsCode) return
    queryClient.clear()
    leaveTo(next)
  }
  if (needsCode)
    return (
      <Bare
        title="One more step"
        text="Enter the six digits that your authenticator shows, or a recovery code."
      >
        <CodeForm onDone={proceed} />
      </Bare>
    )
  return (
    <Bare title="Sign in">
      <PasswordForm onDone={proceed} />
      <GoogleLink next={next} />
    </Bare>
  )
}
