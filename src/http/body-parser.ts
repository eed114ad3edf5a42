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

/** Bounds of the body parser. */
export interface BodyParserOptions {
  jsonDepthMax: number
  /** Whether so much waits to be stored that a large body would most likely be refused after it was understood. */
  isCrowded: () => boolean
}

/**
 * A body from this length on, bytes, is not even parsed while the write path is crowded: parsing, checking and mapping
 * what is then refused would take the time from what was accepted.
 */
const LARGE_BODY_BYTES = 32 * 1024

/**
 * The one body parser: UTF-8 JSON, bounded in depth before anything recursive sees it, exact in its numbers.
 * Fastify's own would turn 12345678901234567890 and ...891 into one number.
 */
export function addBodyParser(app: FastifyInstance, options: BodyParserOptions): void {
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
    async (request: FastifyRequest, body: Buffer) => parseBody(request, body, options),
  )
}

const NONE: readonly string[] = []

/** Whether the body of a request calls itself compressed. */
export function isCompressed({ headers }: Pick<FastifyRequest, 'headers'>): boolean {
  const coding = headers['content-encoding'] ?? ''
  return coding !== '' && coding.toLowerCase() !== 'identity'
}

/**
 * No body is taken compressed: a few bytes could become more than the memory holds. One that only calls itself so is refused too,
 * because what lies between a client and the server may have read it otherwise.
 */
export function refuseCompressed(): CdpError {
  return new CdpError('CDP_MEDIA_TYPE_UNSUPPORTED', { detail: 'The body must not be compressed.' })
}

function parseBody(
  request: FastifyRequest,
  body: Buffer,
  { jsonDepthMax, isCrowded }: BodyParserOptions,
): unknown {
  if (body.length >= LARGE_BODY_BYTES && isCrowded())
    throw new CdpError('CDP_OVERLOADED', { retryAfterSeconds: 1 })
  if (isCompressed(request)) throw refuseCompressed()
  if (!isUtf8(body)) throw new CdpError('CDP_BODY_UNPARSABLE', { detail: 'The request body is not UTF-8.' })
  const text = body.toString('utf8')
  if (jsonDepth(text, jsonDepthMax) > jsonDepthMax) throw new CdpError('CDP_BODY_TOO_DEEP')
  request.rawBody = text
  try {
    const { value, exactNumbers } = parseJson(text)
    request.exactNumbers = exactNumbers
    return value
  } catch (error) {
    throw new CdpError('CDP_BODY_UNPARSABLE', { cause: error })
  }
}
