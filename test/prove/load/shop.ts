import { get } from '../../system/server-harness.ts'

/** Credentials of {@link SHOP} in every dialect. */
export const SHOP_KEYS = {
  guid: '0f6d9e2b-3a1c-4c55-9a77-2a9d7f1f0a11',
  native: 'tk_proof_native_key',
  synerise: '64c09614-1b2a-42f7-804d-f647243eb1ab',
  licenseCode: 'proof1',
  webengage: 'proof-webengage-key',
  xtremepush: 'PROOF_APPTOKEN',
  pyzeApp: 'proof-pyze-app-key',
  pyze: 'proof-pyze-api-key',
  storeId: 'PROOFSTORE',
  yotpoSecret: 'proof-store-secret',
} as const

/** A workspace that speaks every dialect, without the vendors' rate limits: they would hide what the server does. */
export const SHOP: object = {
  name: 'Proof',
  guid: SHOP_KEYS.guid,
  apiKeys: [
    { scope: 'native', key: SHOP_KEYS.native, permissions: ['*'] },
    { scope: 'workspace', key: SHOP_KEYS.synerise, permissions: ['*'] },
  ],
  webengage: {
    licenseCode: SHOP_KEYS.licenseCode,
    apiKeys: [SHOP_KEYS.webengage],
    requestsPerMinute: 0,
    singleRequestsPerMinute: 0,
  },
  xtremepush: { appTokens: [SHOP_KEYS.xtremepush] },
  pyze: { appKeys: [SHOP_KEYS.pyzeApp], apiKeys: [SHOP_KEYS.pyze] },
  yotpo: { storeId: SHOP_KEYS.storeId, secret: SHOP_KEYS.yotpoSecret, requestsPerSecond: 0 },
}

/** Buys the token that clients of Yotpo show. */
export async function buyYotpoToken(address: string): Promise<string> {
  const response = await fetch(`${address}/core/v3/stores/${SHOP_KEYS.storeId}/access_tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ secret: SHOP_KEYS.yotpoSecret }),
  })
  if (!response.ok) throw new Error(`no token of Yotpo: ${response.status} ${await response.text()}`)
  return ((await response.json()) as { access_token: string }).access_token
}

/** Reads from the native API of {@link SHOP}. */
export async function read<Body>(address: string, path: string): Promise<Body> {
  const { status, body } = await get(address, path, SHOP_KEYS.native)
  if (status !== 200) throw new Error(`${path} answered ${status}: ${JSON.stringify(body)}`)
  return body as Body
}

/** Writes to the native API of {@link SHOP}: a value as JSON, a text as CSV. @returns the answer of a success */
export async function write<Body>(address: string, path: string, body: object | string): Promise<Body> {
  const isCsv = typeof body === 'string'
  const response = await fetch(address + path, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${SHOP_KEYS.native}`,
      'content-type': isCsv ? 'text/csv' : 'application/json',
    },
    body: isCsv ? body : JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
  return (await response.json()) as Body
}
