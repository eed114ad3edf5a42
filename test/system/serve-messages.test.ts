import { afterEach, beforeEach, expect, test } from 'vitest'
import { openMailServer, openSilentServer } from '../setup/mail-server.ts'
import type { MailServer, SilentServer } from '../setup/mail-server.ts'
import { KEYS, ServerSandbox, get, shop, waitFor } from './server-harness.ts'
import type { TributaryProcess } from './server-harness.ts'

let sandbox: ServerSandbox
let silent: SilentServer
let mailServer: MailServer

beforeEach(async () => {
  sandbox = await ServerSandbox.prepared()
  silent = await openSilentServer()
  mailServer = await openMailServer()
})

afterEach(async () => {
  await sandbox.destroy()
  await silent.close()
  await mailServer.close()
})

async function serveWith(port: number): Promise<TributaryProcess> {
  const mail = { smtp: `smtp://127.0.0.1:${port}`, from: 'Shop <no-reply@example.com>' }
  return sandbox.serve({ args: ['--config', await sandbox.writeConfig({ workspaces: [shop()], mail })] })
}

async function sendTest(server: TributaryProcess, recipient: string): Promise<string> {
  const response = await fetch(`${server.address}/api/v1/messages/test`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEYS.native}`, 'content-type': 'application/json' },
    body: JSON.stringify({ channel: 'mail', recipient }),
  })
  expect(response.status).toBe(202)
  return ((await response.json()) as { id: string }).id
}

/** A server that is in the middle of sending a message, to a mail server that never says a word. */
async function serveHanging(recipient: string): Promise<{ server: TributaryProcess; id: string }> {
  const server = await serveWith(silent.port)
  const id = await sendTest(server, recipient)
  await waitFor('a connection to the mail server', async () => (silent.connections > 0 ? true : undefined))
  // It answers all the same.
  const { body } = await get(server.address, `/api/v1/outbox/${id}`)
  expect(body).toMatchObject({ state: 'queued', attempts: 1 })
  return { server, id }
}

async function expectSent(server: TributaryProcess, id: string): Promise<void> {
  await waitFor('the message to be sent', async () => {
    const { body } = await get(server.address, `/api/v1/outbox/${id}`)
    return (body as { state: string }).state === 'sent' ? true : undefined
  })
}

test('a stop does not wait for a mail server that hangs, and the next start sends what it had', async () => {
  const { server, id } = await serveHanging('stopped@example.com')
  const startedAt = performance.now()
  expect(await server.stop()).toEqual({ code: 0, signal: null })
  expect(performance.now() - startedAt).toBeLessThan(8_000)
  const next = await serveWith(mailServer.port)
  const { mail } = await mailServer.mailTo('stopped@example.com')
  expect(mail.subject).toBe('A test message of Shop')
  await expectSent(next, id)
})

test('a message whose server was killed while it sent it is sent by the next one, once its claim has ended', async () => {
  const { server, id } = await serveHanging('killed@example.com')
  await server.stop('SIGKILL')
  const next = await serveWith(mailServer.port)
  const { body } = await get(next.address, `/api/v1/outbox/${id}`)
  expect(body).toMatchObject({ state: 'queued', attempts: 1 })
  // Three minutes later, without the wait.
  await sandbox.query(`update message set next_attempt_at = next_attempt_at - interval '3 minutes'`)
  await mailServer.mailTo('killed@example.com')
  await expectSent(next, id)
  expect(mailServer.received).toHaveLength(1)
})
