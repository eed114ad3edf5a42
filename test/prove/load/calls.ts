import { SHOP_KEYS } from './shop.ts'

/** One request of the load, and what it leaves behind when it is stored. */
export interface LoadCall {
  /** Names the kind of call in figures and in what is found wrong. */
  kind: string
  method: 'POST' | 'PATCH'
  path: string
  headers: Record<string, string>
  body: object
  /** One text for each item; an item that is stored leaves its text in exactly one row. */
  markers: readonly string[]
  /** Where those rows are. */
  stores: 'event' | 'profile' | 'transaction'
  /** `all`: its contract stores all items or none. */
  atomic: 'all' | 'each'
}

/** People that events are about: few, so that calls meet each other. */
const PEOPLE = 40

const person = (number: number): string => `person-${number % PEOPLE}`

const marks = (kind: string, number: number, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${kind}-${number}-${index}`)

const bearer = (secret: string): Record<string, string> => ({ authorization: `Bearer ${secret}` })

const SYNERISE = {
  authorization: `Basic ${Buffer.from(`${SHOP_KEYS.guid}:${SHOP_KEYS.synerise}`).toString('base64')}`,
  'api-version': '4.4',
}

/** What a maker of calls needs. */
export interface CallContext {
  /** Of the store of Yotpo. */
  yotpoToken: string
  /** An instant that events of the present may carry, RFC 3339. */
  at: string
}

type Maker = (
  number: number,
  context: CallContext,
) => Omit<LoadCall, 'kind' | 'method'> & { method?: 'PATCH' }

/** The calls of the mixed load, all five vendors' dialects and our own; each retried with an Idempotency-Key or by its own ids. */
const MAKERS: Readonly<Record<string, Maker>> = {
  'webengage events': (number, { at }) => {
    const markers = marks('we', number, 5)
    const events = markers.map((proof, index) => ({
      userId: person(number + index),
      eventName: 'Proof',
      eventTime: at.replace('Z', '+0000').replace(/\.\d+/, ''),
      eventData: { proof },
    }))
    const path = `/v1/accounts/${SHOP_KEYS.licenseCode}/bulk-events`
    const headers = { ...bearer(SHOP_KEYS.webengage), ...once('we', number) }
    return { path, headers, body: { events }, markers, stores: 'event', atomic: 'all' }
  },
  'webengage user': (number) => {
    const [proof = ''] = marks('weu', number, 1)
    const path = `/v1/accounts/${SHOP_KEYS.licenseCode}/users`
    const headers = { ...bearer(SHOP_KEYS.webengage), ...once('weu', number) }
    const body = { userId: proof, email: `${proof}@example.com`, attributes: { proof } }
    return { path, headers, body, markers: [proof], stores: 'profile', atomic: 'all' }
  },
  'synerise events': (number, { at }) => {
    const markers = marks('se', number, 5)
    const body = markers.map((proof, index) => ({
      type: 'custom',
      action: 'proof.sent',
      label: 'Proof',
      client: { customId: person(number + index) },
      time: at,
      eventSalt: proof,
      params: { proof },
    }))
    return { path: '/v4/events/batch', headers: SYNERISE, body, markers, stores: 'event', atomic: 'all' }
  },
  'synerise clients': (number) => {
    const markers = marks('sc', number, 3)
    const body = markers.map((proof) => ({ customId: proof, firstName: 'Ann', attributes: { proof } }))
    const headers = { ...SYNERISE, ...once('sc', number) }
    return { path: '/v4/clients/batch', headers, body, markers, stores: 'profile', atomic: 'each' }
  },
  'synerise transaction': (number, { at }) => {
    const markers = marks('st', number, 1)
    const amount = { amount: 39.98, currency: 'PLN' }
    const body = {
      client: { customId: person(number) },
      orderId: markers[0],
      eventSalt: markers[0],
      paymentInfo: { method: 'CASH' },
      products: [
        { sku: 'p-1', name: 'Coffee', quantity: 2, finalUnitPrice: { amount: 19.99, currency: 'PLN' } },
      ],
      recordedAt: at,
      revenue: amount,
      value: amount,
      source: 'MOBILE',
    }
    return {
      path: '/v4/transactions',
      headers: SYNERISE,
      body,
      markers,
      stores: 'transaction',
      atomic: 'all',
    }
  },
  'xtremepush event': (number) => {
    const markers = marks('xe', number, 1)
    const body = {
      apptoken: SHOP_KEYS.xtremepush,
      user_id: person(number),
      event: 'proof',
      value: markers[0],
    }
    return {
      path: '/api/external/hit/event',
      headers: once('xe', number),
      body,
      markers,
      stores: 'event',
      atomic: 'all',
    }
  },
  'xtremepush import': (number) => {
    const markers = marks('xi', number, 4)
    const rows = markers.map((proof) => [proof, proof])
    const body = { apptoken: SHOP_KEYS.xtremepush, columns: ['user_id', 'proof'], rows }
    const headers = once('xi', number)
    return { path: '/api/external/import/profile', headers, body, markers, stores: 'profile', atomic: 'each' }
  },
  'pyze event': (number, { at }) => {
    const [proof = ''] = marks('pe', number, 1)
    const body = {
      type: 'event',
      event: 'proof',
      userId: person(number),
      eventTime: at,
      messageId: proof,
      appKey: SHOP_KEYS.pyzeApp,
      attributes: { proof },
    }
    const headers = bearer(SHOP_KEYS.pyze)
    return { path: '/v1/events', headers, body, markers: [proof], stores: 'event', atomic: 'all' }
  },
  'pyze profiles': (number) => {
    const markers = marks('pp', number, 3)
    const body = { user_profiles: markers.map((proof) => ({ userId: proof, proof })) }
    const headers = { ...bearer(SHOP_KEYS.pyze), ...once('pp', number) }
    return { path: '/users/profile', headers, body, markers, stores: 'profile', atomic: 'all' }
  },
  'yotpo event': (number, { yotpoToken, at }) => {
    const [proof = ''] = marks('ye', number, 1)
    const body = {
      type: 'proof',
      occurred_at: at,
      external_id: proof,
      customer: { external_id: person(number) },
      custom_properties: { proof },
    }
    const path = `/core/v3/stores/${SHOP_KEYS.storeId}/customer_events`
    const headers = { 'x-yotpo-token': yotpoToken }
    return { path, headers, body, markers: [proof], stores: 'event', atomic: 'all' }
  },
  'yotpo customer': (number, { yotpoToken }) => {
    const [proof = ''] = marks('yc', number, 1)
    const customer = { external_id: proof, email: `${proof}@example.org`, custom_properties: { proof } }
    const path = `/core/v3/stores/${SHOP_KEYS.storeId}/customers`
    const headers = { 'x-yotpo-token': yotpoToken, ...once('yc', number) }
    return {
      method: 'PATCH',
      path,
      headers,
      body: { customer },
      markers: [proof],
      stores: 'profile',
      atomic: 'all',
    }
  },
  'native merge': (number) => {
    // An anonymous person does something, is then known, and does something else: the second item merges.
    const markers = marks('nm', number, 3)
    const anonymous = { kind: 'anonymousId', value: `anonymous-${number}` }
    const known = { kind: 'userId', value: `known-${number % 1_000}` }
    const items = [[anonymous], [known], [known, anonymous]].map((identifiers, index) => ({
      identifiers,
      name: 'Proof',
      messageId: markers[index],
      properties: { proof: markers[index] },
    }))
    const headers = bearer(SHOP_KEYS.native)
    return { path: '/api/v1/events', headers, body: { items }, markers, stores: 'event', atomic: 'each' }
  },
}

/** What makes a retry known where the body has no id of its own. */
function once(kind: string, number: number): Record<string, string> {
  return { 'idempotency-key': `${kind}-${number}` }
}

const KINDS = Object.entries(MAKERS)

/** Kinds of calls, in the order in which they take turns. */
export const CALL_KINDS: readonly string[] = KINDS.map(([kind]) => kind)

/** The call of a number; the same number gives the same call. */
export function callOf(number: number, context: CallContext): LoadCall {
  const [kind, make] = KINDS[number % KINDS.length] ?? []
  if (kind === undefined || make === undefined) throw new Error('no kinds of calls')
  const call = make(number, context)
  return { method: 'POST', ...call, kind, headers: { 'content-type': 'application/json', ...call.headers } }
}

type EventMaker = (
  name: string,
  proof: string,
  context: CallContext,
) => Pick<LoadCall, 'path' | 'headers' | 'body'>

/** One event of a person, in each dialect. */
const EVENT_MAKERS: readonly EventMaker[] = [
  (userId, proof) => ({
    path: `/v1/accounts/${SHOP_KEYS.licenseCode}/events`,
    headers: bearer(SHOP_KEYS.webengage),
    body: { userId, eventName: 'Proof', eventData: { proof } },
  }),
  (customId, proof, { at }) => ({
    path: '/v4/events/custom',
    headers: SYNERISE,
    body: { action: 'proof.sent', label: 'Proof', client: { customId }, time: at, params: { proof } },
  }),
  (userId, proof, { at }) => ({
    path: '/v1/events',
    headers: bearer(SHOP_KEYS.pyze),
    body: {
      type: 'event',
      event: 'proof',
      userId,
      eventTime: at,
      messageId: proof,
      appKey: SHOP_KEYS.pyzeApp,
      attributes: { proof },
    },
  }),
  (userId, proof) => ({
    path: '/api/external/hit/event',
    headers: {},
    body: { apptoken: SHOP_KEYS.xtremepush, user_id: userId, event: 'proof', value: proof },
  }),
  (externalId, proof, { yotpoToken }) => ({
    path: `/core/v3/stores/${SHOP_KEYS.storeId}/customer_events`,
    headers: { 'x-yotpo-token': yotpoToken },
    body: {
      type: 'proof',
      external_id: proof,
      customer: { external_id: externalId },
      custom_properties: { proof },
    },
  }),
  (userId, proof) => ({
    path: '/api/v1/events',
    headers: bearer(SHOP_KEYS.native),
    body: {
      items: [{ identifiers: [{ kind: 'userId', value: userId }], name: 'Proof', properties: { proof } }],
    },
  }),
]

/** The event of this number that a person sends, in one dialect after another. */
export function eventCallOf(
  name: string,
  number: number,
  context: CallContext,
): Pick<LoadCall, 'path' | 'headers' | 'body'> {
  const make = EVENT_MAKERS[number % EVENT_MAKERS.length]
  if (make === undefined) throw new Error('no kinds of events')
  const call = make(name, `${name}-${number}`, context)
  return { ...call, headers: { 'content-type': 'application/json', ...call.headers } }
}
