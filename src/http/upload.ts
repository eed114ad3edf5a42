import { createHash } from 'node:crypto'
import { Transform } from 'node:stream'
import type { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { CdpError } from '../model/errors.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Media types of a body that is read as it comes; the OpenAPI document shows them. */
    uploads?: readonly string[]
  }
}

/** A file on its way in. */
export interface Upload {
  /** Ends in CDP_BODY_TOO_LARGE beyond the bound, and in CDP_CLIENT_GONE when the client goes away. */
  stream: Readable
  /** SHA-256 of what came so far, as hexadecimal text: what an Idempotency-Key belongs to. */
  digest: () => string
  /** Gives the file up; what still comes of it is thrown away, so that its client can read the answer. */
  close: () => void
}

/** Lets the routes of this scope take bodies of these types as streams, and of no other. */
export function takeUploads(scope: FastifyInstance, types: readonly string[]): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser([...types], (_request, payload, done) => done(null, payload))
  scope.addContentTypeParser('*', (_request, _payload, done) => done(unsupported(types)))
}

/** The refusal of a body that is none of these types, or of none at all. */
export function unsupported(types: readonly string[]): CdpError {
  const detail = `The content type must be ${types.join(' or ')}.`
  return new CdpError('CDP_MEDIA_TYPE_UNSUPPORTED', { detail })
}

/**
 * Bounds a body that is read as it comes. Close it, whatever became of it.
 * @param bytesMax longest body
 */
export function openUpload(body: Readable, bytesMax: number): Upload {
  const hash = createHash('sha256')
  let bytes = 0
  const stream = new Transform({
    transform: (part: Buffer, _encoding, done) => {
      bytes += part.length
      hash.update(part)
      if (bytes > bytesMax) done(new CdpError('CDP_BODY_TOO_LARGE'))
      else done(null, part)
    },
  })
  body.on('error', (cause) => stream.destroy(new CdpError('CDP_CLIENT_GONE', { cause })))
  // Whoever reads it hears of it too; nobody may be reading yet, or any more.
  stream.on('error', () => undefined)
  body.pipe(stream)
  return {
    stream,
    digest: () => hash.copy().digest('hex'),
    close: () => {
      stream.destroy()
      body.resume()
    },
  }
}
