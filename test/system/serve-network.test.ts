import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { request as requestPlainly } from 'node:http'
import { request } from 'node:https'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeCertificate } from './certificate.ts'
import { KEYS, ServerSandbox, get, post } from './server-harness.ts'
import type { LogLine, TributaryProcess } from './server-harness.ts'

let sandbox: ServerSandbox

beforeEach(async () => {
  sandbox = await ServerSandbox.prepared()
})

afterEach(async () => {
  await sandbox.destroy()
})

/** Reads over TLS, trusting this certificate only. */
async function getSecurely(url: string, cert: string): Promise<{ status: number; text: string }> {
  const call = request(url, { ca: cert, agent: false })
  call.end()
  const [response] = (await once(call, 'response')) as [NodeJS.ReadableStream & { statusCode: number }]
  let text = ''
  for await (const chunk of response) text += String(chunk)
  return { status: response.statusCode, text }
}

test('with TLS_CERT and TLS_KEY it speaks HTTPS only, and TRUST_PROXY is taken', async () => {
  const { cert, key } = makeCertificate([127, 0, 0, 1])
  await writeFile(sandbox.path('cert.pem'), cert)
  await writeFile(sandbox.path('key.pem'), key)
  const env = {
    TLS_CERT: sandbox.path('cert.pem'),
    TLS_KEY: sandbox.path('key.pem'),
    TRUST_PROXY: 'loopback,10.0.0.0/8',
  }
  const server = await sandbox.serveShop({}, { env })
  expect(server.address).toMatch(/^https:/)
  const ready = await getSecurely(`${server.address}/readyz`, cert)
  expect(ready).toMatchObject({ status: 200, text: expect.stringContaining('"ok"') })
  await expect(fetch(server.address.replace('https', 'http'))).rejects.toThrow('fetch failed')
  expect(await server.stop()).toEqual({ code: 0, signal: null })
})

test('a body beyond bodyBytesMax answers 413 in the shape of its dialect, and the connection still works', async () => {
  const server = await sandbox.serveShop({ bodyBytesMax: 2_048 })
  const user = { userId: 'u-1', firstName: 'A'.repeat(4_096) }
  const refused = await post(server.address, 'users', user)
  expect(refused).toMatchObject({ status: 413, body: { response: { status: 'error' } } })
  expect((await post(server.address, 'users', { userId: 'u-1' })).status).toBe(201)
})

test('headers that do not end are given up after headersTimeoutMs', async () => {
  const server = await sandbox.serveShop({ headersTimeoutMs: 500, requestTimeoutMs: 1_000 })
  const { hostname, port } = new URL(server.address)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  let answer = ''
  socket.setEncoding('utf8').on('data', (text: string) => (answer += text))
  const startedMs = performance.now()
  socket.write('GET /livez HTTP/1.1\r\nHost: shop\r\nX-Slow: ')
  await once(socket, 'close')
  expect(performance.now() - startedMs).toBeLessThan(5_000)
  expect(answer === '' || answer.startsWith('HTTP/1.1 408')).toBe(true)
  expect((await get(server.address, '/livez', '')).status).toBe(200)
})

/** Sends a body piece by piece, with a pause before each. @returns the status, or that the server hung up */
async function sendSlowly(url: string, type: string, pieces: number): Promise<number | 'hung up'> {
  const headers = { authorization: `Bearer ${KEYS.native}`, 'content-type': type }
  const call = requestPlainly(url, { method: 'POST', headers, agent: false })
  const answered = once(call, 'response').then(
    ([response]) => (response as { statusCode: number }).statusCode,
    (): 'hung up' => 'hung up',
  )
  for (let piece = 0; piece < pieces && !call.destroyed; piece++) {
    call.write(`{"id":"slow-${piece}"}\n`)
    await delay(250)
  }
  call.end()
  return answered
}

test('a file may take longer to come than other requests, as long as uploadTimeoutMs says', async () => {
  const server = await sandbox.serveShop({
    headersTimeoutMs: 500,
    requestTimeoutMs: 500,
    uploadTimeoutMs: 5_000,
  })
  const url = `${server.address}/api/v1/imports?type=profiles&map=userId=id`
  const [file, tooSlow, other] = await Promise.all([
    sendSlowly(url, 'application/x-ndjson', 12),
    sendSlowly(url, 'application/x-ndjson', 40),
    sendSlowly(`${server.address}/api/v1/profiles`, 'application/json', 12),
  ])
  expect([file, [408, 'hung up'].includes(tooSlow), [408, 'hung up'].includes(other)]).toEqual([
    202,
    true,
    true,
  ])
  const imports = await get(server.address, '/api/v1/imports', KEYS.native)
  expect(imports.body).toMatchObject({ items: [{ total: 12 }] })
})

async function linesAfterStop(server: TributaryProcess): Promise<LogLine[]> {
  await server.stop()
  return server.requests
}

test('each request is one line of the log, and none holds a secret, a body or an address', async () => {
  const server = await sandbox.serveShop()
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  const traceparent = `00-${traceId}-b7ad6b7169203331-01`
  const user = { userId: 'wanda-7', firstName: 'Wanda', email: 'wanda@example.com' }
  const stored = await post(server.address, 'users', user, { traceparent })
  expect(stored).toMatchObject({ status: 201 })
  expect(stored.headers.get('x-request-id')).toBe(traceId)
  await post(server.address, 'users', { ...user, birthDate: 'never' })
  await post(server.address, 'users', user, { authorization: 'Bearer a-wrong-secret' })
  await get(server.address, '/api/v1/profiles/lookup?kind=email&value=wanda@example.com')
  await get(server.address, '/nowhere/wanda@example.com', '')
  const lines = await linesAfterStop(server)
  const line = (dialect: string, operation: string, method: string, status: number): object => ({
    level: 30,
    msg: 'request',
    dialect,
    operation,
    method,
    status,
    traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
    durationMs: expect.any(Number),
  })
  expect(lines).toMatchObject([
    { ...line('webengage', 'create-user', 'POST', 201), traceId, workspaceId: expect.any(Number) },
    { ...line('webengage', 'create-user', 'POST', 400), workspaceId: expect.any(Number) },
    line('webengage', 'create-user', 'POST', 401),
    { ...line('native', 'lookup-profile', 'GET', 200), workspaceId: expect.any(Number) },
    line('native', 'none', 'GET', 404),
  ])
  const files = await readFile(join(sandbox.dataDir, 'postgres.log'), 'utf8')
  const words = [KEYS.webengage, KEYS.native, 'a-wrong-secret', 'wanda', 'Wanda', 'example.com']
  for (const word of words) expect(server.stdout + server.stderr + files).not.toContain(word)
})
