import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSilentServer } from '../../setup/mail-server.ts'
import type { SilentServer } from '../../setup/mail-server.ts'
import { waitFor } from '../../system/server-harness.ts'
import { note } from '../figures.ts'
import { read, write } from '../load/shop.ts'
import { Stage } from '../load/stage.ts'
import { amount } from '../scale.ts'

/** Calls that are answered with success while jobs fail. */
const CALLS = amount({ short: 30, full: 1_000, long: 5_000 })

let silent: SilentServer
let stage: Stage

beforeEach(async () => {
  silent = await openSilentServer()
  const mail = { smtp: `smtp://127.0.0.1:${silent.port}`, from: 'Shop <no-reply@example.com>' }
  stage = await Stage.open({ config: { mail } })
})

afterEach(async () => {
  await stage.close()
  await silent.close()
})

interface Task {
  id: string | number
  state: string
  lastError?: string | null
}

function post(path: string, body: string | object): Promise<Task> {
  return write(stage.server.address, path, body)
}

test('a job that always fails and a mail server that hangs hold up nobody, and say what is wrong', async () => {
  // A file where the folder of exports should be: no try can succeed.
  await writeFile(join(stage.sandbox.dataDir, 'exports'), '')
  const doomed = await post('/api/v1/exports', { format: 'ndjson', fields: ['profileId'] })
  const mail = await post('/api/v1/messages/test', { channel: 'mail', recipient: 'somebody@example.com' })
  await waitFor('a connection to the mail server', async () => (silent.connections > 0 ? true : undefined))
  stage.startLoad()
  const rows = Array.from({ length: 500 }, (_, index) => `imported-${index}`)
  const importing = await post('/api/v1/imports?type=profiles&map=userId=who', ['who', ...rows].join('\n'))
  await waitFor('the import', async () => (await stateOf(`imports/${importing.id}`)) === 'done' || undefined)
  await stage.untilStored(CALLS)
  await stage.expectKept()
  expect(await read<Task>(stage.server.address, `/api/v1/exports/${doomed.id}`)).toMatchObject({
    lastError: expect.stringContaining('CDP_FILE_UNWRITABLE'),
  })
  expect(await stateOf(`outbox/${mail.id}`)).toBe('queued')
  // Five tries within a minute and a half; the short form does not wait for the last.
  if (amount({ short: 0, full: 1, long: 1 }) > 0) await untilFailed(doomed)
  expect(await stage.server.stop()).toEqual({ code: 0, signal: null })
  const proof = 'crash'
  note({
    proof,
    what: 'calls stored beside a job that always fails and a mail server that hangs',
    value: CALLS,
  })
})

async function stateOf(path: string): Promise<string> {
  return (await read<Task>(stage.server.address, `/api/v1/${path}`)).state
}

async function untilFailed({ id }: Task): Promise<void> {
  const isFailed = async (): Promise<true | undefined> =>
    (await stateOf(`exports/${id}`)) === 'failed' || undefined
  await waitFor('the export to be given up', isFailed, 180_000)
}
