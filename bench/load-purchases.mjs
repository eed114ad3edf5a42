// @ts-check
/**
 * Loads a file of purchases through the WebEngage dialect: an example of a bulk load that may be repeated.
 *
 *   node bench/load-purchases.mjs FILE --url http://127.0.0.1:4100 --license CODE --key KEY [--native-key KEY]
 *
 * A line of FILE is: customer, yyyymmdd, number of items, dollars. Users go first, then one "Order Completed" event a
 * line, 25 a call. The API has no id for events and the file may hold equal lines, so every call carries an
 * Idempotency-Key made of the file's content and the call's place: a second run, or one after a crash, stores nothing
 * twice. With `--native-key` the totals are read back at the end.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

const ITEMS_PER_CALL = 25
const CALLS_AT_ONCE = 8

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:4100' },
    license: { type: 'string' },
    key: { type: 'string' },
    'native-key': { type: 'string' },
  },
})
const [file] = positionals
if (!file || !values.license || !values.key) {
  console.error(
    'usage: node bench/load-purchases.mjs FILE --license CODE --key KEY [--url URL] [--native-key KEY]',
  )
  process.exit(64)
}

const text = readFileSync(file, 'utf8')
const purchases = text
  .split('\n')
  .filter((line) => line.trim() !== '')
  .map(parseLine)
const fileHash = createHash('sha256').update(text).digest('hex').slice(0, 16)
const startedMs = performance.now()
await sendAll(
  'bulk-users',
  'users',
  [...new Set(purchases.map(({ customer }) => customer))].map((userId) => ({ userId })),
)
await sendAll('bulk-events', 'events', purchases.map(toEvent))
const seconds = (performance.now() - startedMs) / 1000
console.log(`${purchases.length} purchases sent in ${seconds.toFixed(1)} s`)
if (values['native-key']) await printTotals(values['native-key'])

/** @param {string} line */
function parseLine(line) {
  const [customer = '', day = '', items = '', dollars = ''] = line.trim().split(/\s+/)
  return { customer, day, items: Number(items), dollars: Number(dollars) }
}

/** @param {ReturnType<typeof parseLine>} purchase */
function toEvent({ customer, day, items, dollars }) {
  const eventTime = `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6, 8)}T00:00:00+0000`
  return {
    userId: customer,
    eventName: 'Order Completed',
    eventTime,
    eventData: { Items: items, Total: dollars },
  }
}

/**
 * @param {string} operation
 * @param {string} member
 * @param {readonly object[]} items
 */
async function sendAll(operation, member, items) {
  const calls = Math.ceil(items.length / ITEMS_PER_CALL)
  let next = 0
  const worker = async () => {
    while (next < calls) {
      const call = next++
      const slice = items.slice(call * ITEMS_PER_CALL, (call + 1) * ITEMS_PER_CALL)
      await send(operation, `${fileHash}-${operation}-${call}`, { [member]: slice })
    }
  }
  await Promise.all(Array.from({ length: CALLS_AT_ONCE }, worker))
}

/**
 * @param {string} operation
 * @param {string} idempotencyKey
 * @param {object} body
 */
async function send(operation, idempotencyKey, body) {
  const url = `${values.url}/v1/accounts/${values.license}/${operation}`
  const headers = {
    authorization: `Bearer ${values.key}`,
    'content-type': 'application/json',
    'idempotency-key': idempotencyKey,
  }
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  const answer = await response.text()
  if (!response.ok) throw new Error(`${operation}: ${response.status} ${answer}`)
}

/** @param {string} key */
async function printTotals(key) {
  /** @param {string} path */
  const read = async (path) => {
    const response = await fetch(`${values.url}/api/v1${path}`, {
      headers: { authorization: `Bearer ${key}` },
    })
    return JSON.stringify(await response.json())
  }
  const aggregate = '/events/aggregate?name=Order%20Completed&fn=sum&property='
  // Totals come from counters that are at most a second old.
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  console.log('totals', await read('/stats'))
  console.log('Items ', await read(`${aggregate}Items`))
  console.log('Total ', await read(`${aggregate}Total`))
}
