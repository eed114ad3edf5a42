import { expect, test } from 'vitest'
import { beginAttempt, endAttempt, googleAddress, returnAddress } from './google-sign-in.ts'

function openStorage() {
  const kept = new Map<string, string>()
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  }
}

test('the address asks for an identity token with the nonce and the state of the attempt', () => {
  const attempt = beginAttempt(openStorage(), '/console/live')
  expect(attempt.nonce).toMatch(/^[\w-]{32}$/)
  expect(attempt.state).not.toBe(attempt.nonce)
  const how = { clientId: 'ours', authorizationEndpoint: 'https://google.example/auth?hd=shop' }
  const address = new URL(googleAddress(how, attempt, returnAddress('https://cdp.example', '/console/')))
  expect(Object.fromEntries(address.searchParams)).toEqual({
    hd: 'shop',
    client_id: 'ours',
    redirect_uri: 'https://cdp.example/console/signed-in',
    response_type: 'id_token',
    response_mode: 'fragment',
    scope: 'openid email',
    nonce: attempt.nonce,
    state: attempt.state,
    prompt: 'select_account',
  })
})

test('a token counts once, with the nonce that it was asked for with', () => {
  const storage = openStorage()
  const { nonce, state } = beginAttempt(storage, '/console/live')
  const fragment = `#state=${state}&id_token=a.b.c&authuser=0`
  expect(endAttempt(storage, fragment)).toEqual({
    kind: 'token',
    idToken: 'a.b.c',
    nonce,
    next: '/console/live',
  })
  expect(endAttempt(storage, fragment)).toEqual({ kind: 'refused', error: undefined, next: undefined })
})

test('a token that this browser did not ask for is refused', () => {
  const storage = openStorage()
  beginAttempt(storage, undefined)
  expect(endAttempt(storage, '#state=of-somebody-else&id_token=a.b.c').kind).toBe('refused')
})

test('what Google says instead of a token is told', () => {
  const storage = openStorage()
  const { state } = beginAttempt(storage, undefined)
  const fragment = `#error=access_denied&state=${state}`
  expect(endAttempt(storage, fragment)).toEqual({ kind: 'refused', error: 'access_denied', next: undefined })
})
