import { spawn } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import autocannon from 'autocannon'
import { row } from './rows.ts'
import type { Row } from './rows.ts'
import { CREDENTIALS, freePort } from './server-process.ts'
import type { ServerProcess } from './server-process.ts'

/** People that the events are spread over. */
export const PEOPLE = 20_000

const SINGLE_SECONDS = 10
const BARE_SECONDS = 5

/** Result of one load: successful answers a second, and latencies in milliseconds. */
export interface Load {
  perSecond: number
  p50Ms: number
  p99Ms: number
}

/** Where single events go. */
export function eventsUrl(base: string): string {
  return `${base}/v1/accounts/${CREDENTIALS.licenseCode}/events`
}

/** Sends single events over a number of connections; fails when one is not answered with 2xx. */
export async function loadEvents(url: string, connections: number, seconds: number): Promise<Load> {
  const headers = { authorization: `Bearer ${CREDENTIALS.key}` }
  return load({ url, connections, seconds, headers, body: (number) => eventBody(number % PEOPLE) })
}

/** What is sent: one body after another, each made of its number. */
export interface LoadOptions {
  url: string
  connections: number
  seconds: number
  headers: Record<string, string>
  body: (number: number) => string
  /** Makes each body when it is sent, so that none is sent twice: costs the generator more than the call. */
  isUnique?: boolean
  /** Calls a second over all connections; as many as are answered where left out. */
  rate?: number
}

/** Bodies that a connection sends in turn, made before the clock runs: the generator shares the cores with the server. */
const BODIES_PER_CONNECTION = 100

/** Sends calls over a number of connections; fails when one is not answered with 2xx. */
export async function load({ url, connections, seconds, rate, ...what }: LoadOptions): Promise<Load> {
  let next = connections
  const request = (): autocannon.Request => {
    // Spread: neighbours are different people.
    next += 7_919
    const headers = { ...what.headers, 'content-type': 'application/json' }
    return { method: 'POST', headers, body: what.body(next) }
  }
  const prepared = (): autocannon.Request[] => Array.from({ length: BODIES_PER_CONNECTION }, request)
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    ...(rate !== undefined && { overallRate: rate }),
    ...(what.isUnique
      ? { requests: [{ ...request(), setupRequest: (sent) => ({ ...sent, body: request().body }) }] }
      : { setupClient: (client) => client.setRequests(prepared()) }),
  })
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${result.non2xx} refusals, ${result.errors} errors`)
  return { perSecond: result.requests.average, p50Ms: result.latency.p50, p99Ms: result.latency.p99 }
}

/** The body of a single event of one of the people. */
export function eventBody(person: number): string {
  return JSON.stringify({ userId: personOf(person), ...eventOf(person) })
}

/** The id of one of the people that events are about. */
export function personOf(person: number): string {
  return `person-${person}`
}

function eventOf(number: number): object {
  return {
    eventName: 'Added to Cart',
    eventTime: `2026-11-${String(1 + (number % 20)).padStart(2, '0')}T10:15:30-0800`,
    eventData: {
      'Product ID': 1_337,
      Price: 39.8,
      Quantity: 1,
      Product: 'Givenchy Pour Homme Cologne',
      Category: 'Fragrance',
      Currency: 'USD',
    },
  }
}

/** Single-event POST against bare node:http, at 64 and 256 connections. */
export async function benchSingle(server: ServerProcess): Promise<Row[]> {
  const bare = await withBareServer(async (url) => ({
    64: await loadEvents(url, 64, BARE_SECONDS),
    256: await loadEvents(url, 256, BARE_SECONDS),
  }))
  const url = eventsUrl(server.url)
  await loadEvents(url, 64, 3)
  const rows: Row[] = []
  for (const [connections, floor] of [
    [64, 4_500],
    [256, 7_000],
  ] as const) {
    const load = await loadEvents(url, connections, SINGLE_SECONDS)
    const baseline = `bare node:http at ${connections}`
    rows.push(row(baseline, bare[connections].perSecond, 'requests/s'))
    const ratio = load.perSecond / bare[connections].perSecond
    rows.push(
      row(`single event at ${connections}`, load.perSecond, 'events/s', { baseline, ratio, least: floor }),
    )
    rows.push(row(`single event at ${connections}, p50`, load.p50Ms, 'ms'))
    rows.push(row(`single event at ${connections}, p99`, load.p99Ms, 'ms', { most: 200 }))
  }
  return rows
}

async function withBareServer<T>(work: (url: string) => Promise<T>): Promise<T> {
  const port = await freePort()
  const script = new URL('./bare-server.js', import.meta.url).pathname
  const child = spawn(process.execPath, [script, String(port)], { stdio: 'ignore' })
  try {
    const url = `http://127.0.0.1:${port}/`
    while (
      !(await fetch(url, { method: 'POST' }).then(
        () => true,
        () => false,
      ))
    )
      await delay(20)
    return await work(url)
  } finally {
    child.kill()
  }
}

/** Profile lookups over HTTP, idle and while events come in. */
export async function benchLookup(server: ServerProcess): Promise<Row[]> {
  const idle = await lookups(server, 4)
  const busy = await whileIngesting(server, () => lookups(server, 6))
  return [
    row('lookup idle, p50', idle.p50Ms, 'ms'),
    row('lookup idle, p99', idle.p99Ms, 'ms'),
    row('lookup under ingest, p50', busy.p50Ms, 'ms'),
    row('lookup under ingest, p99', busy.p99Ms, 'ms', {
      baseline: 'idle',
      ratio: busy.p99Ms / idle.p99Ms,
      most: 15,
    }),
  ]
}

/** Runs `work` while another process sends single events over 64 connections. */
async function whileIngesting<T>(server: ServerProcess, work: () => Promise<T>): Promise<T> {
  const script = new URL('./ingest-client.js', import.meta.url).pathname
  const child = spawn(process.execPath, [script, server.url], { stdio: ['ignore', 'ignore', 'inherit'] })
  try {
    await delay(1_000)
    return await work()
  } finally {
    child.kill()
  }
}

/** One reader asks for one person after another; its own clock, since a load tool rounds to whole milliseconds. */
async function lookups(server: ServerProcess, seconds: number): Promise<Load> {
  const headers = { authorization: `Bearer ${CREDENTIALS.nativeKey}` }
  const latencies: number[] = []
  const endMs = performance.now() + seconds * 1000
  for (let person = 1; performance.now() < endMs; person = (person * 7 + 13) % PEOPLE) {
    const url = `${server.url}/api/v1/profiles/lookup?kind=userId&value=${personOf(person)}`
    const startedMs = performance.now()
    const response = await fetch(url, { headers })
    await response.arrayBuffer()
    latencies.push(performance.now() - startedMs)
    if (response.status !== 200 && response.status !== 404)
      throw new Error(`lookup answered ${response.status}`)
  }
  latencies.sort((a, b) => a - b)
  const at = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? 0
  return { perSecond: latencies.length / seconds, p50Ms: at(0.5), p99Ms: at(0.99) }
}

/** Events a call of the bulk operation. */
const BULK_ITEMS = 25

/** Sends events in bulk, eight calls at a time, until that many are stored. */
async function sendBulk(server: ServerProcess, events: number): Promise<void> {
  const url = `${server.url}/v1/accounts/${CREDENTIALS.licenseCode}/bulk-events`
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < events) {
      const first = next
      next += BULK_ITEMS
      const items = Array.from({ length: BULK_ITEMS }, (_, index) => {
        const number = first + index
        return { userId: personOf((number * 7 + 13) % PEOPLE), ...eventOf(number) }
      })
      const headers = { authorization: `Bearer ${CREDENTIALS.key}`, 'content-type': 'application/json' }
      const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ events: items }) })
      await response.arrayBuffer()
      if (!response.ok) throw new Error(`bulk-events answered ${response.status}`)
    }
  }
  await Promise.all(Array.from({ length: 8 }, worker))
}

/** Brings one million events in over HTTP, 25 a call, and reads the server's resident memory then. */
export async function benchMillion(server: ServerProcess): Promise<Row[]> {
  const startedMs = performance.now()
  const events = 1_000_000
  await sendBulk(server, events)
  const seconds = (performance.now() - startedMs) / 1000
  return [
    row('bulk of 25 over HTTP', events / seconds, 'events/s'),
    row('resident memory after one million events', server.residentMib(), 'MiB', { most: 350 }),
  ]
}
