import { Alert, Anchor, Center, Loader } from '@mantine/core'
import { logInByGoogle } from '@tributary/sdk'
import type { Login } from '@tributary/sdk'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { client } from '../../api/client.ts'
import { leaveTo } from '../../api/leave-to.ts'
import { answerOf } from '../../api/problem.ts'
import { markSignedIn } from '../../api/signed-in.ts'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { PATHS } from '../../paths.ts'
import { Bare } from '../../shell/bare.tsx'
import { CodeStep } from './code-step.tsx'
import { endAttempt } from './google-sign-in.ts'
import type { GoogleReturn } from './google-sign-in.ts'

/** Where Google sends the browser back to: what it brought is checked, and the code is asked for where there is one. */
export function GoogleReturnPage() {
  const [answer] = useState(takeAnswer)
  const queryClient = useQueryClient()
  const enter = (login: Login): void => {
    markSignedIn()
    if (login.needsCode) return
    queryClient.clear()
    leaveTo(answer.next)
  }
  const { mutate, data, error } = useMutation({
    mutationFn: ({ idToken, nonce }: { idToken: string; nonce: string }) =>
      answerOf(logInByGoogle({ client, body: { idToken, nonce, cookie: true } })),
    onSuccess: enter,
  })
  useEffect(() => {
    if (answer.kind === 'token') mutate(answer)
  }, [answer, mutate])
  if (data?.needsCode) return <CodeStep onDone={enter} />
  return (
    <Bare title="Sign in with Google">
      {answer.kind === 'refused' && <Refused error={answer.error} />}
      {error && <ProblemAlert error={error} />}
      {answer.kind === 'refused' || error ? (
        <Anchor renderRoot={(props) => <Link {...props} to={PATHS.signIn} search={{ next: answer.next }} />}>
          Back to the sign-in
        </Anchor>
      ) : (
        <Center>
          <Loader aria-label="Signing in" />
        </Center>
      )}
    </Bare>
  )
}

let taken: GoogleReturn | undefined

/** Reads the fragment once and takes it out of the address and the history at once: a token must not stay there. */
function takeAnswer(): GoogleReturn {
  if (taken && window.location.hash === '') return taken
  taken = endAttempt(sessionStorage, window.location.hash)
  window.history.replaceState(window.history.state, '', window.location.pathname)
  return taken
}

function Refused({ error }: { error: string | undefined }) {
  return (
    <Alert color="yellow" role="alert" title="Nobody was signed in">
      {error === undefined
        ? 'What came back is not the answer to what this browser asked. Begin anew.'
        : `Google said: ${error}.`}
    </Alert>
  )
}
