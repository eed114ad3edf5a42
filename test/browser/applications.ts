import { expect } from 'vitest'
import { KEYS } from '../system/server-harness.ts'
import { CREDENTIALS } from './harness.ts'

/** Calls the server as an application does. @returns what it answered, which must be a success */
export type Send = (
  path: string,
  headers: Record<string, string>,
  body: object,
) => Promise<Record<string, unknown>>

/** Calls to a server. */
export function senderTo(address: string): Send {
  return (path, headers, body) => call(`${address}${path}`, headers, body)
}

async function call(
  url: string,
  headers: Record<string, string>,
  body: object,
): Promise<Record<string, unknown>> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  const text = await response.text()
  expect(response.ok, `${url}: ${response.status} ${text}`).toBe(true)
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
}

/** Opens the native API. */
export const NATIVE = { authorization: `Bearer ${KEYS.native}` }

/** An event of the same person through each API, each under a name of its own. */
export function sendersOf(send: Send): Readonly<Record<string, () => Promise<unknown>>> {
  return {
    Tributary: () =>
      send('/api/v1/events', NATIVE, {
        items: [{ identifiers: [{ kind: 'userId', value: 'zofia-1' }], name: 'seen.tributary' }],
      }),
    Synerise: () =>
      send(
        '/v4/events/custom',
        {
          authorization: `Basic ${Buffer.from(`${CREDENTIALS.guid}:${CREDENTIALS.synerise}`).toString('base64')}`,
          'api-version': '4.4',
        },
        { label: 'Seen', action: 'seen.synerise', client: { customId: 'zofia-1' }, params: {} },
      ),
    WebEngage: () =>
      send(
        `/v1/accounts/${KEYS.licenseCode}/events`,
        { authorization: `Bearer ${KEYS.webengage}` },
        { userId: 'zofia-1', eventName: 'seen.webengage', eventTime: '2026-01-31T10:00:00-0800' },
      ),
    Xtremepush: () =>
      send(
        '/api/external/hit/event',
        {},
        { apptoken: CREDENTIALS.xtremepush, user_id: 'zofia-1', event: 'seen.xtremepush' },
      ),
    Pyze: () =>
      send(
        '/v1/events',
        { authorization: `Bearer ${CREDENTIALS.pyze}` },
        {
          type: 'event',
          event: 'seen.pyze',
          userId: 'zofia-1',
          eventTime: '2026-01-31T10:15:30Z',
          appKey: CREDENTIALS.pyzeApp,
        },
      ),
    Yotpo: async () => {
      const store = `/core/v3/stores/${CREDENTIALS.yotpoStore}`
      const { access_token: token } = await send(`${store}/access_tokens`, {}, { secret: CREDENTIALS.yotpo })
      await send(
        `${store}/customer_events`,
        { 'x-yotpo-token': String(token) },
        {
          event_id: 'e-1',
          action_name: 'seen.yotpo',
          occurred_at: '2026-01-31T10:00:00Z',
          customer: { external_id: 'zofia-1' },
        },
      )
    },
  }
}
