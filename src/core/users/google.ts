import { createRemoteJWKSet, errors, jwtVerify } from 'jose'
import { now } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'

/** How Google's identity tokens are checked; the operator sets all of it. */
export interface GoogleSignIn {
  /** The client id of the installation at Google. */
  audience: string
  issuer: string
  /** Address of the key set. */
  keySet: string
}

/** The verified e-mail of an identity token, in lower case. @throws CDP_LOGIN_FAILED */
export type ReadIdentity = (token: string) => Promise<string>

/** Opens the check of identity tokens; without a setting every one is refused. */
export function openGoogle(settings: GoogleSignIn | undefined): ReadIdentity {
  if (!settings) {
    return () => {
      throw new CdpError('CDP_LOGIN_FAILED')
    }
  }
  const { audience, issuer, keySet } = settings
  const keys = createRemoteJWKSet(new URL(keySet))
  return async (token) => {
    try {
      const currentDate = new Date(now())
      const { payload } = await jwtVerify(token, keys, {
        audience,
        issuer,
        currentDate,
        algorithms: ['RS256'],
      })
      const { email, email_verified: isVerified } = payload
      if (typeof email === 'string' && isVerified === true) return email.toLowerCase()
      throw new CdpError('CDP_LOGIN_FAILED')
    } catch (error) {
      if (error instanceof errors.JWKSTimeout || error instanceof TypeError)
        throw new CdpError('CDP_PROVIDER_UNAVAILABLE', { cause: error, retryAfterSeconds: 5 })
      throw error instanceof errors.JOSEError ? new CdpError('CDP_LOGIN_FAILED', { cause: error }) : error
    }
  }
}
