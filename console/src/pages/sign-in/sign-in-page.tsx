import type { Login } from '@tributary/sdk'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { sessionQuery } from '../../api/session.ts'
import { markSignedIn } from '../../api/signed-in.ts'
import { Bare } from '../../shell/bare.tsx'
import { CodeStep } from './code-step.tsx'
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
    markSignedIn()
    if (given.needsCode) return
    queryClient.clear()
    leaveTo(next)
  }
  if (needsCode) return <CodeStep onDone={proceed} />
  return (
    <Bare title="Sign in">
      <PasswordForm onDone={proceed} />
      <GoogleLink next={next} />
    </Bare>
  )
}
