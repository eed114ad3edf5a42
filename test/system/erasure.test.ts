import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { KEYS, ServerSandbox, get, waitFor } from './server-harness.ts'

let sandbox: ServerSandbox

beforeEach(async () => {
  sandbox = await ServerSandbox.prepared()
})

afterEach(async () => {
  await sandbox.destroy()
})

/** Texts that nothing but the person has. */
const MARK = 'erasemarkzx'

/** Every file below a folder whose bytes hold a text; what PostgreSQL recycles by itself is left out. */
async function filesWith(folder: string, text: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const found: string[] = []
  for (const file of files.filter((name) => !name.includes('/pg_wal/')))
    if ((await readFile(file)).includes(text)) found.push(file)
  return found
}

test('no file of the data directory holds an erased person, once PostgreSQL has tidied up', async () => {
  const server = await sandbox.serveShop()
  const send = async (path: string, body: object): Promise<unknown> => {
    const response = await fetch(`${server.address}/api/v1/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${KEYS.native}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    expect(response.ok).toBe(true)
    return response.json()
  }
  const who = (value: string) => [{ kind: 'userId', value }]
  const attributes = { nickname: `${MARK}-attribute`, email: `${MARK}@example.com` }
  const items = [
    { identifiers: who(MARK), attributes },
    { identifiers: who('somebody-else-entirely'), attributes: { nickname: 'else' } },
  ]
  const written = (await send('profiles', { items })) as { items: [{ profileId: number }] }
  const [{ profileId }] = written.items
  const event = { identifiers: who(MARK), name: 'Seen', properties: { text: `${MARK}-property` } }
  await send('events', { items: [event, { ...event, occurredAt: `${MARK}-refused` }] })
  await send('exports', { format: 'ndjson' })
  await waitFor('the export is ready', async () => {
    const { body } = await get(server.address, '/api/v1/exports')
    return (body as { items: { state: string }[] }).items[0]?.state === 'ready' || undefined
  })
  await sandbox.query('checkpoint')
  expect((await filesWith(sandbox.dataDir, MARK)).length).toBeGreaterThan(1)
  const erased = await fetch(`${server.address}/api/v1/profiles/${profileId}?mode=erase`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${KEYS.native}` },
  })
  expect(erased.status).toBe(202)
  const { id } = (await erased.json()) as { id: string }
  await waitFor('the erasure is done', async () => {
    const { body } = await get(server.address, `/api/v1/erasures/${id}`)
    return (body as { state: string }).state === 'done' || undefined
  })
  // Statistics keep common values, and rows that are deleted keep their bytes, until these have run.
  await sandbox.query('vacuum full')
  await sandbox.query('analyze')
  await sandbox.query('checkpoint')
  await server.stop('SIGTERM')
  expect(await filesWith(sandbox.dataDir, MARK)).toEqual([])
  expect((await filesWith(sandbox.dataDir, 'somebody-else-entirely')).length).toBeGreaterThan(0)
}, 60_000)
