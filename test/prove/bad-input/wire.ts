import { Agent, request } from 'node:http'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'

/** A request as it goes over the wire. */
export interface WireRequest {
  dialect: string
  operation: string
  method: string
  /** Path and query, already encoded, or wrongly so. */
  target: string
  headers: Record<string, string>
  body: string | Buffer | undefined
}

/** What came back over the wire. */
export interface WireAnswer {
  status: number
  headers: Readonly<IncomingHttpHeaders>
  text: string
  durationMs: number
}

/** The longest that a request may take before it counts as hanging; two cores may be busy with something else. */
const DEADLINE_MS = 30_000

/** Sends requests to a server of this machine over connections that stay open, as clients do. */
export function openWire(port: number): {
  send: (sent: WireRequest) => Promise<WireAnswer>
  close: () => void
} {
  const agent = new Agent({ keepAlive: true })
  return { send: (sent) => sendAgain(agent, port, sent), close: () => agent.destroy() }
}

const STALE = new Error('the connection had ended before')

/**
 * A server ends a connection whose last request it could not read to its end; who finds it ended asks again.
 * @throws Error when no answer came in time, or the connection ended without one
 */
async function sendAgain(agent: Agent, port: number, sent: WireRequest): Promise<WireAnswer> {
  for (;;) {
    try {
      return await sendOnce(agent, port, sent)
    } catch (error) {
      if (error !== STALE) throw error
    }
  }
}

function sendOnce(agent: Agent, port: number, sent: WireRequest): Promise<WireAnswer> {
  const startedAt = performance.now()
  const { method, headers, body } = sent
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
  return new Promise((resolve, reject) => {
    const outgoing = request({
      agent,
      host: '127.0.0.1',
      port,
      method,
      path: sent.target,
      headers: {
        ...headers,
        ...length,
      },
      signal: AbortSignal.timeout(DEADLINE_MS),
    })
    outgoing.on('error', (error) => {
      const isStale = outgoing.reusedSocket && Reflect.get(error, 'code') === 'ECONNRESET'
      reject(isStale ? STALE : new Error(`${describeRequest(sent)}: no answer`, { cause: error }))
    })
    outgoing.on('response', (response) => {
      readText(response).then(
        (text) =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            durationMs: performance.now() - startedAt,
          }),
        reject,
      )
    })
    outgoing.end(body)
  })
}

async function readText(response: IncomingMessage): Promise<string> {
  // A stream of events ends when its client leaves, not before.
  if (String(response.headers['content-type']).startsWith('text/event-stream')) {
    response.destroy()
    return ''
  }
  const parts: Buffer[] = []
  for await (const part of response) parts.push(part as Buffer)
  return Buffer.concat(parts).toString('utf8')
}

const SHOWN_LENGTH = 700

/** A request in a few lines, for whoever must understand a failure. */
export function describeRequest({ dialect, operation, method, target, headers, body }: WireRequest): string {
  const text = typeof body === 'string' ? body : (body?.toString('latin1') ?? '')
  const cut = text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}… (${text.length})` : text
  return `${dialect} ${operation}: ${method} ${target.slice(0, SHOWN_LENGTH)} ${JSON.stringify(headers).slice(0, SHOWN_LENGTH)} ${cut}`
}
