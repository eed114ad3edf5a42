import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { fetchGuarded } from './fetch.ts'

let server: Server
let base: string
const seen: { path: string; body: string; headers: IncomingMessage['headers'] }[] = []

beforeAll(async () => {
  server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(() => {
  server.closeAllConnections()
  server.close()
})

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  const path = request.url ?? ''
  seen.push({ path, body: Buffer.concat(chunks).toString(), headers: request.headers })
  if (path === '/moved') response.writeHead(302, { location: '/target' }).end()
  else if (path === '/long') response.end('x'.repeat(10_000))
  else if (path === '/drip') response.write('x')
  else if (path !== '/silent') response.writeHead(201, { 'x-a': '1' }).end('{"ok":true}')
}

const LIMITS = { timeoutMs: 2_000, maxBytes: 1_000 }
const OWN = { ...LIMITS, allowPrivate: true }

describe('a call', () => {
  it('carries method, headers and body, and brings status, headers and body back', async () => {
    const reply = await fetchGuarded(`${base}/hook?a=1`, {
      ...OWN,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"ä":1}',
    })
    expect([reply.status, reply.headers['x-a'], reply.body.toString()]).toEqual([201, '1', '{"ok":true}'])
    expect(seen.at(-1)).toMatchObject({ path: '/hook?a=1', body: '{"ä":1}' })
    expect(seen.at(-1)?.headers).toMatchObject({
      'content-type': 'application/json',
      'content-length': '8',
      host: new URL(base).host,
    })
  })

  it('sends user and password of the URL as Basic credentials', async () => {
    await fetchGuarded(base.replace('//', '//us%20er:p%40ss@'), OWN)
    const expected = `Basic ${Buffer.from('us er:p@ss').toString('base64')}`
    expect(seen.at(-1)?.headers.authorization).toBe(expected)
  })

  it('does not follow a redirect', async () => {
    const before = seen.length
    expect((await fetchGuarded(`${base}/moved`, OWN)).status).toBe(302)
    expect(seen.slice(before).map(({ path }) => path)).toEqual(['/moved'])
  })

  it('fails on an answer that is too long', async () => {
    await expect(fetchGuarded(`${base}/long`, OWN)).rejects.toMatchObject({ code: 'CDP_UPSTREAM_FAILED' })
  })

  test.each(['/silent', '/drip'])('ends in time when %s never ends', async (path) => {
    const startedAt = performance.now()
    const call = fetchGuarded(base + path, { ...OWN, timeoutMs: 200 })
    await expect(call).rejects.toMatchObject({ code: 'CDP_UPSTREAM_FAILED' })
    expect(performance.now() - startedAt).toBeLessThan(1_500)
  })

  it('ends when its caller gives up', async () => {
    const call = fetchGuarded(`${base}/silent`, { ...OWN, signal: AbortSignal.timeout(50) })
    await expect(call).rejects.toMatchObject({ code: 'CDP_UPSTREAM_FAILED' })
    const late = fetchGuarded(base, { ...OWN, signal: AbortSignal.abort() })
    await expect(late).rejects.toMatchObject({ code: 'CDP_UPSTREAM_FAILED' })
  })

  it('fails when nobody listens or the name does not exist', async () => {
    for (const url of ['http://127.0.0.1:1/', 'http://nobody.invalid/'])
      await expect(fetchGuarded(url, OWN)).rejects.toMatchObject({ code: 'CDP_UPSTREAM_FAILED' })
  })
})

describe('a URL that is not trusted', () => {
  const port = (): string => new URL(base).port
  const ways = ['127.0.0.1', '127.1', '2130706433', '0x7f000001', '0177.0.0.1', 'localhost']

  test.each([...ways, '[::1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '0', '169.254.169.254', '10.0.0.1'])(
    '%s is not called',
    async (host) => {
      const before = seen.length
      const call = fetchGuarded(`http://${host}:${port()}/`, LIMITS)
      await expect(call).rejects.toMatchObject({ code: 'CDP_ADDRESS_FORBIDDEN' })
      expect(seen).toHaveLength(before)
    },
  )

  test.each(['ftp://example.com/', 'file:///etc/passwd', 'data:,x', 'javascript:1', 'nonsense', 'http://'])(
    '%s is refused for what it is',
    async (url) => {
      await expect(fetchGuarded(url, OWN)).rejects.toMatchObject({ code: 'CDP_ADDRESS_FORBIDDEN' })
    },
  )
})
