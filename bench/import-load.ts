import { setTimeout as delay } from 'node:timers/promises'
import { PEOPLE, eventBody, eventsUrl, load } from './http-load.ts'
import { row } from './rows.ts'
import type { Row } from './rows.ts'
import { CREDENTIALS } from './server-process.ts'
import type { ServerProcess } from './server-process.ts'

/** Events that come in every second while the import runs. */
const LIVE_PER_SECOND = 500

/** Seconds of one look at the live traffic. */
const SLICE_SECONDS = 5

/** How often memory is looked at, milliseconds. */
const SAMPLE_EVERY_MS = 100

/** Rows that a part of the upload holds. */
const PART_ROWS = 1_000

/** An import of the native API, as far as it is looked at. */
interface Import {
  id: number
  state: string
  processed: number
}

/** A file of one identifier and five attributes a row, half of whose people are known, while events come in. */
export async function benchImports(server: ServerProcess, rows: number): Promise<Row[]> {
  await settled(server, await upload(server, Math.floor(rows / 2), 'before'))
  const memory = watchMemory(server)
  const startedMs = performance.now()
  const finished = upload(server, rows, 'after').then((task) => settled(server, task))
  const [seconds, p99Ms] = await Promise.all([
    finished.then(() => (performance.now() - startedMs) / 1_000),
    liveWhile(server, finished),
  ])
  const name = `import of ${rows.toLocaleString('en-US')} rows`
  return [
    row(name, rows / seconds, 'rows/s', { least: 4_000 }),
    row(`${name}, memory of the server`, memory.stop(), 'MiB', { most: 300 }),
    row(`${name}, p99 of ${LIVE_PER_SECOND} events/s`, p99Ms, 'ms', { most: 300 }),
  ]
}

async function upload({ url }: ServerProcess, rows: number, plan: string): Promise<Import> {
  const init = {
    method: 'POST',
    headers: { ...authorization(), 'content-type': 'text/csv' },
    body: ReadableStream.from(fileOf(rows, plan)),
    // What fetch asks for where a body is a stream; its types do not know it.
    duplex: 'half',
  }
  const response = await fetch(`${url}/api/v1/imports?type=profiles`, init as RequestInit)
  return (await expectGood(response)) as Import
}

async function* fileOf(rows: number, plan: string): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder()
  yield encoder.encode(
    'userId,attributes.plan,attributes.age:number,attributes.city,attributes.score:number,attributes.note\n',
  )
  for (let from = 0; from < rows; from += PART_ROWS) {
    const count = Math.min(PART_ROWS, rows - from)
    const lines = Array.from({ length: count }, (_, n) => lineOf(from + n, plan))
    yield encoder.encode(lines.join(''))
  }
}

function lineOf(number: number, plan: string): string {
  return `import-${number},${plan},${20 + (number % 60)},City ${number % 500},${number % 97}.5,note ${number}\n`
}

function authorization(): Record<string, string> {
  return { authorization: `Bearer ${CREDENTIALS.nativeKey}` }
}

async function expectGood(response: Response): Promise<unknown> {
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
  return response.json()
}

/** Waits until an import is done. */
async function settled({ url }: ServerProcess, { id }: Import): Promise<void> {
  for (;;) {
    const response = await fetch(`${url}/api/v1/imports/${id}`, { headers: authorization() })
    const { state } = (await expectGood(response)) as Import
    if (state === 'done') return
    if (state !== 'queued' && state !== 'running') throw new Error(`the import is ${state}`)
    await delay(SAMPLE_EVERY_MS)
  }
}

/** Sends events until `work` is over. @returns the worst p99 of all looks, milliseconds */
async function liveWhile({ url }: ServerProcess, work: Promise<unknown>): Promise<number> {
  const over = work.then(() => true)
  for (let worst = 0; ;) {
    const { p99Ms } = await load({
      url: eventsUrl(url),
      connections: 16,
      seconds: SLICE_SECONDS,
      rate: LIVE_PER_SECOND,
      headers: { authorization: `Bearer ${CREDENTIALS.key}` },
      body: (number) => eventBody(number % PEOPLE),
    })
    worst = Math.max(worst, p99Ms)
    if (await Promise.race([over, Promise.resolve(false)])) return worst
  }
}

/** Looks at the memory of the server until it is stopped, which gives the most that was seen in MiB. */
function watchMemory(server: ServerProcess): { stop: () => number } {
  let most = server.residentMib()
  const timer = setInterval(() => (most = Math.max(most, server.residentMib())), SAMPLE_EVERY_MS)
  return {
    stop: () => {
      clearInterval(timer)
      return most
    },
  }
}
