// @ts-check
/**
 * Loads a file of purchases through one of the dialects: an example of a bulk load that may be repeated.
 *
 *   node bench/load-purchases.mjs FILE --dialect webengage --license CODE --key KEY
 *   node bench/load-purchases.mjs FILE --dialect synerise --key KEY
 *   node bench/load-purchases.mjs FILE --dialect pyze --key KEY --app-key KEY
 *
 * with --url http://127.0.0.1:4100 and, to read the totals back at the end, --native-key KEY.
 *
 * A line of FILE is: customer, yyyymmdd, number of items, dollars. People go first, then one purchase a line. The file
 * may hold equal lines, so the place of a line is part of every id: a Synerise eventSalt, a Pyze messageId, and for
 * WebEngage, which has no id for events, an Idempotency-Key for each call. A second run, or one after a crash, stores
 * nothing twice.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

/**
 * @typedef {{ customer: string, time: string, items: number, dollars: number, place: number }} Purchase
 * @typedef {{ path: string, headers: Record<string, string>, body: object, key: string }} Call
 * @typedef {{ people: (ids: string[]) => Call[], purchases: (purchases: Purchase[]) => Call[], total: [string, string] }} Sender
 */

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:4100' },
    dialect: { type: 'string', default: 'webengage' },
    license: { type: 'string' },
    key: { type: 'string', default: '' },
    'app-key': { type: 'string' },
    'native-key': { type: 'string' },
  },
})
const { url, key } = values

/** @type {Record<string, { callsAtOnce: number, open: () => Promise<Sender> }>} */
const SENDERS = {
  webengage: { callsAtOnce: 8, open: openWebengage },
  synerise: { callsAtOnce: 2, open: openSynerise },
  pyze: { callsAtOnce: 64, open: openPyze },
}

const [file] = positionals
const chosen = SENDERS[values.dialect]
if (!file || !chosen || key === '') {
  console.error('usage: node bench/load-purchases.mjs FILE --dialect webengage|synerise|pyze --key KEY …')
  process.exit(64)
}

const text = readFileSync(file, 'utf8')
const fileHash = createHash('sha256').update(text).digest('hex').slice(0, 16)
const purchases = text
  .split('\n')
  .filter((line) => line.trim() !== '')
  .map(parseLine)
const sender = await chosen.open()
const startedMs = performance.now()
await sendAll(sender.people([...new Set(purchases.map(({ customer }) => customer))]), chosen.callsAtOnce)
await sendAll(sender.purchases(purchases), chosen.callsAtOnce)
const seconds = (performance.now() - startedMs) / 1000
console.log(`${purchases.length} purchases sent in ${seconds.toFixed(1)} s`)
if (values['native-key']) await printTotals(values['native-key'], sender.total)

/**
 * @param {string} line
 * @param {number} place
 * @returns {Purchase}
 */
function parseLine(line, place) {
  const [customer = '', day = '', items = '', dollars = ''] = line.trim().split(/\s+/)
  const time = `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6, 8)}T00:00:00`
  return { customer, time, items: Number(items), dollars: Number(dollars), place }
}

/**
 * @template Item
 * @param {readonly Item[]} items
 * @param {number} size
 */
function chunks(items, size) {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, n) =>
    items.slice(n * size, (n + 1) * size),
  )
}

/** @returns {Promise<Sender>} */
async function openWebengage() {
  const path = `/v1/accounts/${values.license}`
  const headers = { authorization: `Bearer ${key}` }
  /**
   * @param {string} operation
   * @param {string} member
   * @param {readonly object[]} items
   */
  const calls = (operation, member, items) =>
    chunks(items, 25).map((chunk, n) => ({
      path: `${path}/${operation}`,
      headers,
      body: { [member]: chunk },
      key: `${fileHash}-${operation}-${n}`,
    }))
  return {
    people: (ids) =>
      calls(
        'bulk-users',
        'users',
        ids.map((userId) => ({ userId })),
      ),
    purchases: (all) =>
      calls(
        'bulk-events',
        'events',
        all.map(({ customer, time, items, dollars }) => ({
          userId: customer,
          eventName: 'Order Completed',
          eventTime: `${time}+0000`,
          eventData: { Items: items, Total: dollars },
        })),
      ),
    total: ['Order Completed', 'Total'],
  }
}

/** @returns {Promise<Sender>} */
async function openSynerise() {
  const login = await post('/uauth/v2/auth/login/profile', {}, { apiKey: key })
  const { token } = /** @type {{ token: string }} */ (JSON.parse(login))
  const headers = { authorization: `Bearer ${token}`, 'api-version': '4.4' }
  /** @param {number} amount */
  const money = (amount) => ({ amount, currency: 'USD' })
  /** @param {Purchase} purchase */
  const transaction = ({ customer, time, items, dollars, place }) => ({
    client: { customId: customer },
    orderId: `${fileHash}-${place}`,
    paymentInfo: { method: 'CARD' },
    products: [
      {
        sku: 'cd',
        name: 'CD',
        quantity: items,
        finalUnitPrice: money(Math.round((dollars / items) * 100) / 100),
      },
    ],
    revenue: money(dollars),
    value: money(dollars),
    source: 'WEB_DESKTOP',
    recordedAt: `${time}Z`,
    eventSalt: `${fileHash}-${place}`,
  })
  return {
    people: (ids) =>
      chunks(ids, 1_000).map((chunk, n) => ({
        path: '/v4/clients/batch',
        headers,
        body: chunk.map((customId) => ({ customId })),
        key: `${fileHash}-clients-${n}`,
      })),
    purchases: (all) =>
      chunks(all, 1_000).map((chunk) => ({
        path: '/v4/transactions/batch',
        headers,
        body: chunk.map(transaction),
        key: '',
      })),
    total: ['transaction.charge', '$totalAmount'],
  }
}

/** @returns {Promise<Sender>} */
async function openPyze() {
  const headers = { authorization: `Bearer ${key}` }
  const appKey = values['app-key']
  return {
    people: (ids) =>
      chunks(ids, 500).map((chunk, n) => ({
        path: '/users/profile',
        headers,
        body: { user_profiles: chunk.map((userId) => ({ userId })) },
        key: `${fileHash}-profiles-${n}`,
      })),
    purchases: (all) =>
      all.map(({ customer, time, items, dollars, place }) => ({
        path: '/v1/events',
        headers,
        body: {
          type: 'event',
          event: 'purchase',
          userId: customer,
          eventTime: `${time}Z`,
          appKey,
          messageId: `${fileHash}-${place}`,
          attributes: { items, total: dollars },
        },
        key: '',
      })),
    total: ['purchase', 'total'],
  }
}

/**
 * @param {readonly Call[]} calls
 * @param {number} callsAtOnce
 */
async function sendAll(calls, callsAtOnce) {
  let next = 0
  const worker = async () => {
    for (let call = calls[next++]; call; call = calls[next++]) {
      await post(call.path, { ...call.headers, ...(call.key && { 'idempotency-key': call.key }) }, call.body)
    }
  }
  await Promise.all(Array.from({ length: callsAtOnce }, worker))
}

/**
 * @param {string} path
 * @param {Record<string, string>} headers
 * @param {object} body
 */
async function post(path, headers, body) {
  for (;;) {
    const response = await fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
    const answer = await response.text()
    if (response.ok && response.status !== 207) return answer
    const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
    if (Number.isNaN(seconds)) throw new Error(`${path}: ${response.status} ${answer}`)
    // The server is at its limit, and says when to come again: what was refused is not stored.
    await new Promise((resolve) => setTimeout(resolve, seconds * 1_000))
  }
}

/**
 * @param {string} nativeKey
 * @param {[event: string, property: string]} total
 */
async function printTotals(nativeKey, [event, property]) {
  /** @param {string} path */
  const read = async (path) => {
    const response = await fetch(`${url}/api/v1${path}`, {
      headers: { authorization: `Bearer ${nativeKey}` },
    })
    return JSON.stringify(await response.json())
  }
  // Totals come from counters that are at most a second old.
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  console.log('totals', await read('/stats'))
  const query = `name=${encodeURIComponent(event)}&fn=sum&property=${encodeURIComponent(property)}`
  console.log(event, property, await read(`/events/aggregate?${query}`))
}
