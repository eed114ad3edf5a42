import { Button, Divider } from '@mantine/core'
import { IconBrandGoogle } from '@tabler/icons-react'
import { getLoginOptions } from '@tributary/sdk'
import { useQuery } from '@tanstack/react-query'
import { client } from '../../api/client.ts'
import { answerOf } from '../../api/problem.ts'
import { beginAttempt, googleAddress, returnAddress } from './google-sign-in.ts'

/** The way in by Google, where the installation has one. */
export function GoogleLink({ next }: { next: string | undefined }) {
  const { data } = useQuery({
    queryKey: ['login-options'],
    queryFn: ({ signal }) => answerOf(getLoginOptions({ client, signal })),
    staleTime: Infinity,
  })
  const google = data?.google
  if (!google) return null
  const leave = (): void => {
    const attempt = beginAttempt(sessionStorage, next)
    const redirectUri = returnAddress(window.location.origin, import.meta.env.BASE_URL)
    window.location.assign(googleAddress(google, attempt, redirectUri))
  }
  return (
    <>
      <Divider label="or" />
      <Button
        variant="default"
        fullWidth
        leftSection={<IconBrandGoogle size={18} aria-hidden />}
        onClick={leave}
      >
        Sign in with Google
      </Button>
    </>
  )
}
