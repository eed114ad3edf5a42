import { isUtf8 } from 'node:buffer'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { jsonDepth, parseJson } from '../lib/json.ts'
import { CdpError } from '../model/errors.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The body as it came, for the Idempotency-Key; empty when there is none. */
    rawBody: string
    /** JSON pointers of numbers that were handed out as text, because a double cannot hold them. */
    exactNumbers: readonly string[]
  }
}

/**
 * The one body parser: UTF-8 JSON, bounded in depth before anything recursive sees it, exact in its numbers.
 * Fastify's own would turn 12345678901234567890 and ...891 into one number.
 */
export function addBodyParser(app: FastifyInstance, depthMax: number): void {
  app.decorateRequest('rawBody', '')
  app.decorateRequest('exactNumbers')
  app.addHook('onRequest', (request, _reply, done) => {
    request.exactNumbers = NONE
    done()
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    ['application/json', 'application/merge-patch+json'],
    { parseAs: 'buffer' },
    async (request: FastifyRequest, body: Buffer) => parseBody(request, body, depthMax),
  )
}

const NONE: readonly string[] = []

function parseBody(request: FastifyRequest, body: Buffer, depthMax: number): unknown {
  if (!isUtf8(body)) throw new CdpError('CDP_BODY_UNPARSABLE', { detail: 'The request body is not UTF-8.' })
  const text = body.toString('utf8')
  if (jsonDepth(text, depthMax) > depthMax) throw new CdpError('CDP_BODY_TOO_DEEP')
  request.rawBody = text
  try {
    const { value, exactNumbers } = parseJson(text)
    request.exactNumbers = exactNumbers
    return value
  } catch (error) {
    throw new CdpError('CDP_BODY_UNPARSABLE', { cause: error })
  }
}
