import { lookup } from 'node:dns/promises'
import { request as requestHttp } from 'node:http'
import type { IncomingMessage, RequestOptions } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP } from 'node:net'
import type { LookupFunction } from 'node:net'
import { CdpError } from '../model/errors.ts'
import { isPublicAddress } from './addresses.ts'

/** A call of another server. */
export interface OutboundRequest {
  /** GET when left out. */
  method?: string
  headers?: Readonly<Record<string, string>>
  body?: string | Buffer
  /** For everything: finding the address, connecting, sending and the whole answer. */
  timeoutMs: number
  /** Longest body of the answer; a longer one fails. */
  maxBytes: number
  /**
   * Lets the call go to addresses that are not public. Only for URLs of the operator's own configuration, never for one
   * that came over an API.
   */
  allowPrivate?: boolean
  signal?: AbortSignal
}

/** The answer of another server, whatever its status; a redirect is an answer too, nobody follows it. */
export interface OutboundAnswer {
  status: number
  /** By lower-case name; of a repeated header the values with commas between. */
  headers: Readonly<Record<string, string>>
  body: Buffer
}

/**
 * Calls another server; the only way out over HTTP. The address is resolved once, checked, and connected to: a name that
 * resolves otherwise a moment later leads nowhere else.
 * @throws CDP_ADDRESS_FORBIDDEN the URL is not http(s), or leads to an address that is not public
 * @throws CDP_UPSTREAM_FAILED no whole answer in time and size; `cause` says why
 */
export async function fetchGuarded(url: string | URL, request: OutboundRequest): Promise<OutboundAnswer> {
  const target = parseTarget(url)
  const deadline = AbortSignal.timeout(request.timeoutMs)
  const signal = request.signal ? AbortSignal.any([deadline, request.signal]) : deadline
  try {
    const addresses = await unlessAborted(signal, resolveHost(target))
    if (!request.allowPrivate && !addresses.every(({ address }) => isPublicAddress(address)))
      throw new CdpError('CDP_ADDRESS_FORBIDDEN')
    return await exchange(target, addresses, request, signal)
  } catch (error) {
    if (error instanceof CdpError) throw error
    throw upstreamFailed(error)
  }
}

interface ResolvedAddress {
  address: string
  family: number
}

function parseTarget(url: string | URL): URL {
  const target = URL.canParse(String(url)) ? new URL(String(url)) : undefined
  if (target && ['http:', 'https:'].includes(target.protocol) && target.hostname !== '') return target
  throw new CdpError('CDP_ADDRESS_FORBIDDEN', { detail: 'Only http:// and https:// URLs may be called.' })
}

async function resolveHost({ hostname }: URL): Promise<ResolvedAddress[]> {
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  const family = isIP(host)
  return family === 0 ? lookup(host, { all: true }) : [{ address: host, family }]
}

/** A look-up cannot be broken off, so it is left behind. */
function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

function exchange(
  target: URL,
  addresses: readonly ResolvedAddress[],
  { method = 'GET', headers, body, maxBytes }: OutboundRequest,
  signal: AbortSignal,
): Promise<OutboundAnswer> {
  const options: RequestOptions = {
    method,
    headers: { ...lengthOf(body), ...headers },
    signal,
    // A connection that is kept was checked for another call.
    agent: false,
    lookup: answering(addresses),
    ...credentialsOf(target),
  }
  return new Promise((resolve, reject) => {
    const call = target.protocol === 'https:' ? requestHttps : requestHttp
    const sent = call(withoutCredentials(target), options, (answer) => {
      readAnswer(answer, maxBytes).then(resolve, (error: unknown) => {
        sent.destroy()
        reject(error)
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

function lengthOf(body: string | Buffer | undefined): Record<string, string> {
  return body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
}

/** Answers with what was checked, whatever the name resolves to by now. */
function answering(addresses: readonly ResolvedAddress[]): LookupFunction {
  return (_hostname, options, callback) => {
    const [first] = addresses
    if (options.all || !first) callback(null, [...addresses])
    else callback(null, first.address, first.family)
  }
}

function credentialsOf({ username, password }: URL): { auth?: string } {
  if (username === '' && password === '') return {}
  return { auth: `${decodeURIComponent(username)}:${decodeURIComponent(password)}` }
}

function withoutCredentials(target: URL): URL {
  const bare = new URL(target)
  bare.username = ''
  bare.password = ''
  return bare
}

async function readAnswer(answer: IncomingMessage, maxBytes: number): Promise<OutboundAnswer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxBytes) throw upstreamFailed(new Error(`the answer is longer than ${maxBytes} bytes`))
    chunks.push(chunk)
  }
  return { status: answer.statusCode ?? 0, headers: headersOf(answer), body: Buffer.concat(chunks) }
}

function headersOf({ headers }: IncomingMessage): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [name, [value].flat().join(', ')])
  return Object.fromEntries(entries) as Record<string, string>
}

/** Callers may try again; nothing of the other side's answer reaches them. */
const RETRY_AFTER_SECONDS = 5

/** Another server did not do its part. */
export function upstreamFailed(cause: unknown): CdpError {
  return new CdpError('CDP_UPSTREAM_FAILED', { cause, retryAfterSeconds: RETRY_AFTER_SECONDS })
}
