import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SignJWT, exportJWK, generateKeyPair } from 'jose'
import type { CryptoKey, JWTPayload } from 'jose'
import type { GoogleSignIn } from '../../src/core/users/index.ts'

/** The keys of a Google of the test's own, on the loopback; a real provider is `openIdentityProvider`. */
export interface TestGoogle {
  settings: GoogleSignIn
  /** A token of identity as Google gives it. @param key signs in place of the key that is published */
  tokenOf(claims: JWTPayload, key?: CryptoKey): Promise<string>
  close(): Promise<void>
}

/** Publishes a key set. The keys are made at first need, which most tests never have. */
export async function openTestGoogle(): Promise<TestGoogle> {
  let made: ReturnType<typeof generateKeyPair> | undefined
  const keys = () => (made ??= generateKeyPair('RS256'))
  const answer = async (response: ServerResponse): Promise<void> => {
    const jwk = { ...(await exportJWK((await keys()).publicKey)), kid: 'one', alg: 'RS256' }
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [jwk] }))
  }
  const server = createServer((_request, response) => void answer(response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const settings = {
    audience: 'client-id',
    issuer: 'https://issuer.example',
    keySet: `http://127.0.0.1:${port}/keys`,
    authorizationEndpoint: 'https://issuer.example/authorize',
  }
  return {
    settings,
    tokenOf: async (claims, key) =>
      new SignJWT({ iss: settings.issuer, aud: settings.audience, ...claims })
        .setProtectedHeader({ alg: 'RS256', kid: 'one' })
        .setExpirationTime('1h')
        .sign(key ?? (await keys()).privateKey),
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
