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
  /** Where browsers ask for a token. */
  authorizationEndpoint: string
}

/**
 * The verified e-mail of an identity token, in lower case.
 * @param nonce the one that the token must have been asked for with; any when left out
 * @throws CDP_LOGIN_FAILED CDP_PROVIDER_UNAVAILABLE
 */
export type ReadIdentity = (token: string, nonce?: string) => Promise<string>

/** Opens the check of identity tokens; without a setting every one is refused. */
export function openGoogle(settings: GoogleSignIn | undefined): ReadIdentity {
  if (!settings) {
    return () => {
      throw new CdpError('CDP_LOGIN_FAILED')
    }
  }
  const { audience, issuer, keySet } = settings
  const keys = createRemoteJWKSet(new URL(keySet))
  return async (token, nonce) => {
    try {
      const currentDate = new Date(now())
      const { payload } = await jwtVerify(token, keys, {
        audience,
        issuer,
        currentDate,
        algorithms: ['RS256'],
      })
      const { email, email_verified: isVerified } = payload
      const isAskedFor = nonce === undefined || payload['nonce'] === nonce
      if (typeof email === 'string' && isVerified === true && isAskedFor) return email.toLowerCase()
      throw new CdpError('CDP_LOGIN_FAILED')
    } catch (error) {
      if (error instanceof errors.JWKSTimeout || error instanceof TypeError)
        throw new CdpError('CDP_PROVIDER_UNAVAILABLE', { cause: error, retryAfterSeconds: 5 })
      throw error instanceof errors.JOSEError ? new CdpError('CDP_LOGIN_FAILED', { cause: error }) : error
    }
  }
}
