import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { row } from './rows.ts'
import type { Row } from './rows.ts'
import { CREDENTIALS } from './server-process.ts'
import type { ServerProcess } from './server-process.ts'

/** How often state and memory are looked at, milliseconds. */
const SAMPLE_EVERY_MS = 50

/** An export of the native API, as far as it is looked at. */
interface Export {
  id: number
  state: string
  rows: number
  bytes: number
  startedAt: string
  endedAt: string
  download: { url: string } | null
}

/** Every profile with everything that there is, in each format, and what fetching the file takes. */
export async function benchExports(server: ServerProcess, dataDir: string): Promise<Row[]> {
  const idleMib = server.residentMib()
  const rows = [...(await benchFormat(server, idleMib, 'ndjson', { least: 50_000 }))]
  for (const format of ['csv', 'parquet']) rows.push(...(await benchFormat(server, idleMib, format)))
  await rm(join(dataDir, 'exports'), { recursive: true, force: true })
  return rows
}

/** Mebibytes that the server may take while it writes, beside what it has when it does nothing; Parquet is made of longer parts. */
const MEMORY_MOST: Readonly<Record<string, number>> = { ndjson: 200, csv: 200, parquet: 300 }

async function benchFormat(
  server: ServerProcess,
  idleMib: number,
  format: string,
  bound: { least?: number } = {},
): Promise<Row[]> {
  const { id } = (await ask(server, 'POST', '/api/v1/exports', { format })) as Export
  let most = idleMib
  const read = async (): Promise<Export> => (await ask(server, 'GET', `/api/v1/exports/${id}`)) as Export
  let shown = await read()
  while (shown.state === 'queued' || shown.state === 'running') {
    await delay(SAMPLE_EVERY_MS)
    most = Math.max(most, server.residentMib())
    shown = await read()
  }
  if (shown.state !== 'ready') throw new Error(`the export is ${shown.state}`)
  const seconds = (Date.parse(shown.endedAt) - Date.parse(shown.startedAt)) / 1_000
  const name = `export of ${shown.rows.toLocaleString('en-US')} profiles as ${format}`
  return [
    row(name, shown.rows / seconds, 'rows/s', bound),
    row(`${name}, memory beside the idle server`, most - idleMib, 'MiB', { most: MEMORY_MOST[format] ?? 0 }),
    row(`${name}, fetched`, await fetchRate(shown), 'MiB/s'),
  ]
}

async function fetchRate({ download, bytes }: Export): Promise<number> {
  const startedMs = performance.now()
  const response = await fetch(download?.url ?? '')
  let fetched = 0
  for await (const chunk of response.body ?? []) fetched += (chunk as Uint8Array).length
  if (fetched !== bytes) throw new Error(`${fetched} of ${bytes} bytes were fetched`)
  return bytes / 2 ** 20 / ((performance.now() - startedMs) / 1_000)
}

async function ask({ url }: ServerProcess, method: string, path: string, body?: object): Promise<unknown> {
  const headers = { authorization: `Bearer ${CREDENTIALS.nativeKey}`, 'content-type': 'application/json' }
  const init = body ? { method, headers, body: JSON.stringify(body) } : { method, headers }
  const response = await fetch(`${url}${path}`, init)
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
  return response.json()
}
