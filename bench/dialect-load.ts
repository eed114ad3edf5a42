import { PEOPLE, eventsUrl, load, loadEvents, personOf } from './http-load.ts'
import type { Load } from './http-load.ts'
import { row } from './rows.ts'
import type { Row } from './rows.ts'
import { CREDENTIALS } from './server-process.ts'
import type { ServerProcess } from './server-process.ts'

const SECONDS = 6

const CONNECTIONS = 64

/** Events of one call of the batch operation. */
const BATCH = 1_000

/** The other dialects' writes against WebEngage's, and what a subscriber of the live stream costs. */
export async function benchDialects(server: ServerProcess): Promise<Row[]> {
  const plain = await loadEvents(eventsUrl(server.url), CONNECTIONS, SECONDS)
  const baseline = `WebEngage event at ${CONNECTIONS}`
  const against = (name: string, measured: Load): Row[] => [
    row(name, measured.perSecond, 'events/s', { baseline, ratio: measured.perSecond / plain.perSecond }),
    row(`${name}, p99`, measured.p99Ms, 'ms'),
  ]
  const synerise = await loadSynerise(server)
  const batches = await loadSyneriseBatches(server)
  const pyze = await loadPyze(server)
  const watched = await whileWatched(server, () => loadEvents(eventsUrl(server.url), CONNECTIONS, SECONDS))
  const flooded = await whileGuessed(server, () => loadEvents(eventsUrl(server.url), CONNECTIONS, SECONDS))
  return [
    row(baseline, plain.perSecond, 'events/s'),
    ...against(`Synerise event at ${CONNECTIONS}`, synerise),
    row(`Synerise batch of ${BATCH}`, batches.perSecond * BATCH, 'events/s'),
    row(`Pyze event with messageId at ${CONNECTIONS}`, pyze.perSecond, 'events/s'),
    row(`Pyze event with messageId at ${CONNECTIONS}, p99`, pyze.p99Ms, 'ms'),
    ...against(`WebEngage event at ${CONNECTIONS}, stream watched`, watched),
    row(`${baseline}, ${WRONG_LOGINS} wrong logins/s`, flooded.perSecond, 'events/s', {
      baseline,
      ratio: flooded.perSecond / plain.perSecond,
      least: plain.perSecond * 0.7,
    }),
  ]
}

/** Guesses a second. */
const WRONG_LOGINS = 50

/** Runs `work` while somebody guesses passwords, each guess from another address and for another person: the dearest kind. */
async function whileGuessed<T>({ url }: ServerProcess, work: () => Promise<T>): Promise<T> {
  let number = 0
  const guess = async (): Promise<void> => {
    number++
    const address = `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`
    const body = {
      apiKey: CREDENTIALS.profileKey,
      identityProvider: 'SYNERISE',
      email: `nobody-${number}@example.com`,
      password: 'Wrong1!!',
    }
    const response = await fetch(`${url}/sauth/v3/auth/login/client`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
      body: JSON.stringify(body),
    })
    await response.arrayBuffer()
    // 503 is what the bound on hashing answers.
    if (response.status !== 401 && response.status !== 503)
      throw new Error(`a wrong login answered ${response.status}`)
  }
  const guesses: Promise<void>[] = []
  const flood = setInterval(() => guesses.push(guess()), 1_000 / WRONG_LOGINS)
  try {
    return await work()
  } finally {
    clearInterval(flood)
    await Promise.all(guesses)
  }
}

function syneriseHeaders(): Record<string, string> {
  const credential = Buffer.from(`${CREDENTIALS.guid}:${CREDENTIALS.syneriseKey}`).toString('base64')
  return { authorization: `Basic ${credential}`, 'api-version': '4.4' }
}

function syneriseEvent(number: number): object {
  return {
    action: 'cart.viewed',
    label: 'Cart',
    client: { customId: personOf(number % PEOPLE) },
    time: '2026-11-20T10:15:30Z',
    params: { price: 39.8, quantity: 1, name: 'Givenchy Pour Homme Cologne' },
  }
}

function loadSynerise({ url }: ServerProcess): Promise<Load> {
  return load({
    url: `${url}/v4/events/custom`,
    connections: CONNECTIONS,
    seconds: SECONDS,
    headers: syneriseHeaders(),
    body: (number) => JSON.stringify(syneriseEvent(number)),
  })
}

function loadSyneriseBatches({ url }: ServerProcess): Promise<Load> {
  const items = (first: number): object[] =>
    Array.from({ length: BATCH }, (_, index) => ({ type: 'custom', ...syneriseEvent(first + index) }))
  return load({
    url: `${url}/v4/events/batch`,
    connections: 4,
    seconds: SECONDS,
    headers: syneriseHeaders(),
    body: (number) => JSON.stringify(items(number)),
  })
}

function loadPyze({ url }: ServerProcess): Promise<Load> {
  return load({
    url: `${url}/v1/events`,
    connections: CONNECTIONS,
    seconds: SECONDS,
    headers: { authorization: `Bearer ${CREDENTIALS.pyzeKey}` },
    isUnique: true,
    body: (number) =>
      JSON.stringify({
        type: 'event',
        event: 'cart_viewed',
        userId: personOf(number % PEOPLE),
        eventTime: '2026-11-20T10:15:30Z',
        messageId: `bench-${number}`,
        appKey: CREDENTIALS.pyzeAppKey,
        attributes: { price: 39.8, quantity: 1 },
      }),
  })
}

/** Runs `work` while a subscriber reads the live stream. */
async function whileWatched<T>({ url }: ServerProcess, work: () => Promise<T>): Promise<T> {
  const leaving = new AbortController()
  const headers = { authorization: `Bearer ${CREDENTIALS.nativeKey}` }
  const stream = await fetch(`${url}/api/v1/stream`, { headers, signal: leaving.signal })
  if (!stream.ok) throw new Error(`the stream answered ${stream.status}`)
  const reading = stream.arrayBuffer().catch(() => undefined)
  try {
    return await work()
  } finally {
    leaving.abort()
    await reading
  }
}
