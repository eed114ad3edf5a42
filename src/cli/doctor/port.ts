import { once } from 'node:events'
import { get as getPlain } from 'node:http'
import { get as getSecure } from 'node:https'
import { createServer } from 'node:net'
import { text } from 'node:stream/consumers'
import type { ServerConfig } from '../../config.ts'
import { isJsonObject } from '../../lib/json.ts'
import { fault, ok } from './finding.ts'
import type { Finding } from './finding.ts'

const ANSWER_TIMEOUT_MS = 3_000

/** What the look at the address gave. */
export interface PortCheck {
  findings: Finding[]
  /** Whether a Tributary answers there. */
  isServing: boolean
}

/**
 * Looks whether the address is free, or a Tributary answers there.
 * @param isOwnerless nobody owns this data directory, so whoever answers is another installation
 */
export async function checkPort(config: ServerConfig, isOwnerless: boolean): Promise<PortCheck> {
  const { host, port } = config
  const place = `Port ${port} of ${host}`
  if (port === 0) return { findings: [ok('port', 'Any free port is taken.')], isServing: false }
  const reason = await tryListening(host, port)
  if (reason === undefined) return { findings: [ok('port', `${place} is free.`)], isServing: false }
  if (reason !== 'EADDRINUSE') {
    const fix = 'Set HOST to an address of this machine, and PORT to one that this user may open.'
    return { findings: [fault('port', `${place} cannot be listened on (${reason}).`, fix)], isServing: false }
  }
  const isServing = (await isTributary(config)) && !isOwnerless
  const fix = 'Stop what listens there, or set PORT.'
  const finding = isServing
    ? ok('port', `A Tributary answers at port ${port} of ${host}.`)
    : fault('port', `${place} is taken, and not by the server of this installation.`, fix)
  return { findings: [finding], isServing }
}

/** @returns the system's code of why not; undefined when the address is free */
async function tryListening(host: string, port: number): Promise<string | undefined> {
  const server = createServer().listen({ host, port, exclusive: true })
  try {
    await once(server, 'listening')
    server.close()
    await once(server, 'close')
    return undefined
  } catch (error) {
    return String(Reflect.get(Object(error), 'code'))
  }
}

/** Only this product answers `/readyz` with these checks. */
async function isTributary({ host, port, tls }: ServerConfig): Promise<boolean> {
  const address = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  // The certificate names the outside; whether it is right is not the question here.
  const options = {
    host: address,
    port,
    path: '/readyz',
    timeout: ANSWER_TIMEOUT_MS,
    rejectUnauthorized: false,
  }
  try {
    const request = tls ? getSecure(options) : getPlain(options)
    request.on('timeout', () => request.destroy(new Error('no answer')))
    const [response] = (await once(request, 'response')) as [NodeJS.ReadableStream]
    const body: unknown = JSON.parse(await text(response))
    return isJsonObject(body) && isJsonObject(body['checks']) && 'migrations' in body['checks']
  } catch {
    return false
  }
}
