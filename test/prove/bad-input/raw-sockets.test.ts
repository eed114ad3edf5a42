import { once } from 'node:events'
import { connect } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dialects } from '../../../src/dialects/index.ts'
import { goodWrite } from '../../contract/fixtures.ts'
import { openHarness } from '../../contract/harness.ts'
import type { Harness } from '../../contract/harness.ts'
import { expectVendorError } from '../../contract/vendor-errors.ts'
import { countOf, openTestDatabase } from '../../setup/database.ts'
import type { TestDatabase } from '../../setup/database.ts'
import { openSearchedLog } from './log.ts'
import { note } from '../figures.ts'

/** Short, so that slow ones are cut off soon; Node looks once a second. */
const BOUNDS = { headersTimeoutMs: 500, requestTimeoutMs: 1_000, uploadTimeoutMs: 1_500 }

let database: TestDatabase
let harness: Harness
let port: number
let authorization: string
const log = openSearchedLog(() => [])

beforeAll(async () => {
  database = await openTestDatabase()
  harness = await openHarness(database.db, undefined, BOUNDS, log.logger)
  await harness.app.http.listen({ port: 0, host: '127.0.0.1' })
  port = (harness.app.http.server.address() as AddressInfo).port
  authorization = harness.credentialOf('native').headers['authorization'] ?? ''
})

afterAll(async () => {
  await harness.close()
  await database.close()
})

/** Everything that comes back until the connection ends. */
interface Talk {
  socket: Socket
  answers: () => string
  closed: Promise<string>
}

function open(first: string | Buffer): Talk {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  socket.setEncoding('latin1').on('data', (data: string) => (text += data))
  // A server that hangs up on a sender is one of the right answers.
  socket.on('error', () => undefined)
  socket.write(first)
  const closed = once(socket, 'close').then(() => text)
  return { socket, answers: () => text, closed }
}

/** Sends bytes that must be refused, and waits until the server has hung up. */
const refusal = (bytes: string | Buffer): Promise<string> => open(bytes).closed

const statusesOf = (answers: string): number[] =>
  [...answers.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))

/** A write that must never be read: it is the second request in the bytes of the first. */
const smuggled = (): string => {
  const body = '{"items":[{"identifiers":[{"kind":"userId","value":"smuggled"}]}]}'
  return `POST /api/v1/profiles HTTP/1.1\r\nHost: a\r\nAuthorization: ${authorization}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}

/** The head of a write that would be taken, up to what says where its body ends. */
const head = (): string =>
  `POST /api/v1/profiles HTTP/1.1\r\nHost: a\r\nAuthorization: ${authorization}\r\nContent-Type: application/json\r\n`

/** Heads of which two readers could disagree where the body ends. */
const AMBIGUOUS: Readonly<Record<string, () => string>> = {
  'a length and chunks': () => `${head()}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  'chunks and a length': () => `${head()}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n`,
  'a coding that nobody knows': () => `${head()}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
  'chunks that are not the last coding': () =>
    `${head()}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
  'two transfer codings': () =>
    `${head()}Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n`,
  'a space before the colon': () => `${head()}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`,
  'a space before the colon of the length': () => `${head()}Content-Length : 0\r\n\r\n`,
  'two lengths that differ': () => `${head()}Content-Length: 0\r\nContent-Length: 5\r\n\r\n`,
  'two lengths that are the same': () => `${head()}Content-Length: 0\r\nContent-Length: 0\r\n\r\n`,
  'a list of lengths': () => `${head()}Content-Length: 0, 0\r\n\r\n`,
  'a length with a sign': () => `${head()}Content-Length: +0\r\n\r\n`,
  'a negative length': () => `${head()}Content-Length: -1\r\n\r\n`,
  'a hexadecimal length': () => `${head()}Content-Length: 0x0\r\n\r\n`,
  'a length beyond all numbers': () => `${head()}Content-Length: 99999999999999999999999\r\n\r\n`,
  'a header folded over two lines': () =>
    `${head()}X-A: b\r\n Transfer-Encoding: chunked\r\nContent-Length\r\n : 0\r\n\r\n`,
  'line feeds alone': () => `${head().replaceAll('\r\n', '\n')}Content-Length: 0\n\n`,
  'carriage returns alone': () => `${head()}X-A: b\rContent-Length: 0\r\r`,
  'a chunk size that is none': () => `${head()}Transfer-Encoding: chunked\r\n\r\nzz\r\n`,
  'a negative chunk size': () => `${head()}Transfer-Encoding: chunked\r\n\r\n-1\r\n`,
  'a chunk size beyond all numbers': () =>
    `${head()}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffffff\r\n`,
  'a chunk longer than its size': () => `${head()}Transfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n`,
  'a zero byte in the target': () => `GET /livez\u0000x HTTP/1.1\r\nHost: a\r\n\r\n`,
  'a zero byte in a header': () => `GET /livez HTTP/1.1\r\nHost: a\r\nX-A: b\u0000c\r\n\r\n`,
  'no host': () => 'GET /livez HTTP/1.1\r\n\r\n',
  'a version without headers': () => 'GET /livez\r\n',
  'a version of another protocol': () => 'GET /livez HTTP/3.0\r\nHost: a\r\n\r\n',
  'the preface of HTTP/2': () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'a method that nobody has': () => 'STEAL /livez HTTP/1.1\r\nHost: a\r\n\r\n',
  'a space in the target': () => 'GET /li vez HTTP/1.1\r\nHost: a\r\n\r\n',
}

describe('bytes that two readers could read in two ways', () => {
  it.each(Object.entries(AMBIGUOUS))('%s: refused, and what follows is never read', async (_what, bytes) => {
    const answers = await refusal(bytes() + smuggled())
    expect(statusesOf(answers).length, answers).toBeLessThanOrEqual(1)
    for (const status of statusesOf(answers)) expect(status, answers).toBeGreaterThanOrEqual(400)
    expect(statusesOf(answers).filter((status) => status >= 500)).toEqual([])
    const stored = `select count(*) from identifier where value = 'smuggled'`
    expect(await countOf(database, stored)).toBe(0)
  })

  it('the same write alone is stored, so that its absence means something', async () => {
    const talk = open(smuggled().replaceAll('smuggled', 'honestly'))
    await expect.poll(talk.answers).toContain('"stored"')
    talk.socket.destroy()
  })

  it('the handshake of TLS on the plain port is refused', async () => {
    const hello = Buffer.from('16030100a5010000a103035f', 'hex')
    expect(statusesOf(await refusal(Buffer.concat([hello, Buffer.alloc(200)])))).toEqual([400])
  })

  it('a tunnel is not opened', async () => {
    expect(await refusal('CONNECT 127.0.0.1:5432 HTTP/1.1\r\nHost: 127.0.0.1:5432\r\n\r\n')).toBe('')
  })

  it.each(['websocket', 'h2c'])(
    'a change to %s does not happen; the request is answered as it is',
    async (protocol) => {
      const talk = open(
        `GET /livez HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, close\r\nUpgrade: ${protocol}\r\nSec-WebSocket-Key: eA==\r\nSec-WebSocket-Version: 13\r\n\r\n`,
      )
      expect(statusesOf(await talk.closed)).toEqual([200])
    },
  )

  it.each([
    ['GET http://evil.example/api/v1/stats', 'a whole URL'],
    ['OPTIONS *', 'an asterisk'],
    ['GET *', 'an asterisk of another method'],
    ['GET //evil.example/livez', 'two slashes'],
    ['GET /\u00ff\u00fe', 'bytes that are not UTF-8'],
  ])('%s (%s) is answered without a failure inside', async (line) => {
    const talk = open(Buffer.from(`${line} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`, 'latin1'))
    const [status = 0] = statusesOf(await talk.closed)
    expect([204, 400, 401, 404, 405]).toContain(status)
  })
})

describe('floods', () => {
  it('more headers than fit are refused', async () => {
    const flood = Array.from({ length: 500 }, (_, index) => `X-${index}: ${'y'.repeat(50)}\r\n`).join('')
    expect(statusesOf(await refusal(`GET /livez HTTP/1.1\r\nHost: a\r\n${flood}\r\n`))).toEqual([431])
    const toHead = await refusal(`HEAD /livez HTTP/1.1\r\nHost: a\r\n${flood}\r\n`)
    expect(statusesOf(toHead)).toEqual([431])
    expect(toHead, 'an answer to HEAD has no body').toMatch(/\r\n\r\n$/)
  })

  it('a request line without end is refused', async () => {
    expect(statusesOf(await refusal(`GET /${'a'.repeat(100_000)} HTTP/1.1\r\nHost: a\r\n\r\n`))).toEqual([
      431,
    ])
  })

  it('requests in one write are answered in their order', async () => {
    const ids = Array.from({ length: 50 }, (_, index) => (index + 1).toString(16).padStart(32, '0'))
    const requests = ids.map((id, index) => {
      const lines = `Host: a\r\nAuthorization: ${authorization}\r\ntraceparent: 00-${id}-00f067aa0ba902b7-01\r\n`
      const end = index === ids.length - 1 ? 'Connection: close\r\n' : ''
      if (index % 2 === 1) return `GET /livez HTTP/1.1\r\n${lines}${end}\r\n`
      const body = `{"items":[{"identifiers":[{"kind":"userId","value":"piped-${index}"}]}]}`
      return `POST /api/v1/profiles HTTP/1.1\r\n${lines}${end}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
    })
    const answers = await open(requests.join('')).closed
    expect(statusesOf(answers)).toEqual(ids.map(() => 200))
    expect([...answers.matchAll(/^x-request-id: (\w+)/gim)].map(([, id]) => id)).toEqual(ids)
  })
})

describe('slow senders', () => {
  /** Of each kind. */
  const SLOW = 50

  const cases: Record<string, () => string> = {
    'headers that never end': () => 'GET /livez HTTP/1.1\r\nHost: a\r\nX-Slow: ',
    'a body that never ends': () =>
      `POST /api/v1/profiles HTTP/1.1\r\nHost: a\r\nAuthorization: ${authorization}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"items":[`,
    'chunks that never end': () =>
      `POST /api/v1/profiles HTTP/1.1\r\nHost: a\r\nAuthorization: ${authorization}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n`,
    'a file that never ends': () =>
      `POST /api/v1/imports?type=profiles HTTP/1.1\r\nHost: a\r\nAuthorization: ${authorization}\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n12\r\nuserId\nslow-user\nx\r\n`,
  }

  it('are cut off in time, store nothing, and hold nobody up', async () => {
    const talks = Object.values(cases).flatMap((bytes) => Array.from({ length: SLOW }, () => open(bytes())))
    let served = 0
    const endings = Promise.all(talks.map(({ closed }) => closed))
    while (talks.some(({ socket }) => !socket.destroyed)) {
      const reply = await fetch(`http://127.0.0.1:${port}/api/v1/stats`, { headers: { authorization } })
      expect(reply.status).toBe(200)
      await reply.text()
      served++
    }
    for (const answers of await endings)
      for (const status of statusesOf(answers)) expect([400, 408]).toContain(status)
    expect(served).toBeGreaterThan(5)
    expect(await countOf(database, `select count(*) from identifier where value like 'slow-%'`)).toBe(0)
    expect(await countOf(database, `select count(*) from import`)).toBe(0)
    note({
      proof: 'bad-input',
      what: 'slow senders at once',
      value: talks.length,
      bound: 'cut off, others served',
    })
    note({
      proof: 'bad-input',
      what: 'ambiguous heads',
      value: Object.keys(AMBIGUOUS).length,
      bound: 'refused',
    })
  })
})

describe('compressed bodies', () => {
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, 0x20))
  const writers = dialects.flatMap(({ name }) => {
    const write = goodWrite(name)
    return write ? [{ name, operation: write.operation }] : []
  })

  it.each(writers)('$name takes none, so none can be a bomb', async ({ name, operation }) => {
    for (const coding of ['gzip', 'deflate', 'br', 'zstd', 'gzip, gzip']) {
      const reply = await harness.call(name, operation, {
        rawBody: bomb,
        headers: { 'content-encoding': coding },
      })
      expectVendorError(name, reply, 'unsupported_media')
    }
  })

  it('plain text that calls itself compressed is refused, and `identity` is plain text', async () => {
    const rawBody = '{"items":[{"identifiers":[{"kind":"userId","value":"plain"}]}]}'
    const send = (coding: string) =>
      harness.call('native', 'write-profiles', { rawBody, headers: { 'content-encoding': coding } })
    expectVendorError('native', await send('gzip'), 'unsupported_media')
    expect((await send('identity')).status).toBe(200)
  })

  it('a file of an import is taken as it is', async () => {
    const headers = { 'content-type': 'text/csv', 'content-encoding': 'gzip' }
    const query = { type: 'profiles' }
    const reply = await harness.call('native', 'create-import', { rawBody: bomb, headers, query })
    expectVendorError('native', reply, 'unsupported_media')
  })
})

it('nothing of all this was a failure inside', () => {
  expect(log.complaints).toEqual([])
})
