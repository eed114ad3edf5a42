import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { PassThrough, Readable, Transform } from 'node:stream'
import { Busboy } from '@fastify/busboy'
import type { BusboyHeaders, BusboyInstance } from '@fastify/busboy'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { CdpError } from '../model/errors.ts'
import { isCompressed, refuseCompressed } from './body-parser.ts'
import type { BodyLimits } from './services.ts'

/** How browsers and tools send files. */
export const FORM = 'multipart/form-data'

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

/** Lets the routes of this scope take bodies of these types as streams, alone or as a file in a form, and of no other. */
export function takeUploads(scope: FastifyInstance, types: readonly string[]): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser([...types, FORM], (_request, payload, done) => done(null, payload))
  scope.addContentTypeParser('*', (_request, _payload, done) => done(unsupported(types)))
}

/** A file as it came. */
export interface SentFile {
  body: Readable
  /** One of the media types that the route takes. */
  type: string
}

/**
 * The file of a request, whether it is the body or the one part of a form.
 * @param types media types that the route takes, each with the ends of names that files of it have: programs that send forms
 * often know no better type than `application/octet-stream`
 * @throws CDP_MEDIA_TYPE_UNSUPPORTED also where it is compressed; CDP_BODY_INVALID the form has no file
 */
export async function fileOf(
  request: FastifyRequest,
  types: Readonly<Record<string, readonly string[]>>,
): Promise<SentFile> {
  const { body, headers } = request
  const known = Object.keys(types)
  if (!(body instanceof Readable)) throw unsupported(known)
  if (isCompressed(request)) {
    body.resume()
    throw refuseCompressed()
  }
  const type = mediaTypeOf(headers['content-type'])
  const sent = type === FORM ? await partOf(body, headers) : { body, type, name: '' }
  const byName = known.find((each) => types[each]?.some((end) => sent.name.toLowerCase().endsWith(end)))
  const found = byName ?? known.find((each) => each === sent.type)
  if (found !== undefined) return { body: sent.body, type: found }
  sent.body.destroy()
  body.resume()
  throw unsupported(known)
}

function mediaTypeOf(text = ''): string {
  return text.split(';')[0]?.trim().toLowerCase() ?? ''
}

function unsupported(types: readonly string[]): CdpError {
  const detail = `The content type must be ${[...types, FORM].join(' or ')}.`
  return new CdpError('CDP_MEDIA_TYPE_UNSUPPORTED', { detail })
}

/** A form with anything beside its file would say something that nobody reads: the parameters stand in the query. */
const FORM_LIMITS = { files: 1, fields: 0, parts: 1 }

/** The file in a form. Its stream ends with the form, so that what stands behind the file still refuses it. */
function partOf(form: Readable, headers: IncomingHttpHeaders): Promise<SentFile & { name: string }> {
  return new Promise((resolve, reject) => {
    const body = new PassThrough()
    // Whoever reads it hears of it too; nobody may be reading yet.
    body.on('error', reject)
    const refuse = (detail: string, cause?: unknown): void => {
      body.destroy(new CdpError('CDP_BODY_INVALID', { detail, cause }))
      form.unpipe()
      form.resume()
    }
    const parser = openForm(headers, refuse)
    if (!parser) return
    parser.on('file', (_field, file, name, _encoding, type) => {
      file.on('error', (cause) => refuse('The form ends before its file.', cause))
      file.pipe(body, { end: false })
      resolve({ body, type: mediaTypeOf(type), name })
    })
    for (const limit of ['filesLimit', 'fieldsLimit', 'partsLimit'] as const)
      parser.on(limit, () => refuse('The form must have one part, which is the file.'))
    parser.on('error', (cause) => refuse('The form cannot be read.', cause))
    // A promise that is settled already is not settled again.
    parser.on('finish', () => {
      body.end()
      reject(new CdpError('CDP_BODY_INVALID', { detail: 'The form has no file.' }))
    })
    form.on('error', (cause) => body.destroy(new CdpError('CDP_CLIENT_GONE', { cause })))
    form.pipe(parser)
  })
}

function openForm(
  headers: IncomingHttpHeaders,
  refuse: (detail: string, cause: unknown) => void,
): BusboyInstance | undefined {
  try {
    return new Busboy({ headers: headers as BusboyHeaders, limits: FORM_LIMITS })
  } catch (error) {
    refuse('The form names no boundary.', error)
    return undefined
  }
}

/** An upload that is coming in. */
interface Arrival {
  /** On the clock of `performance.now()`. */
  until: number
  /** Ends the connection; there once that one took longer than other requests may, and Node looks at it no more. */
  giveUp?: () => void
}

/** Uploads that are coming in, by their connection: it sends one request at a time. */
const arrivals = new WeakMap<Socket, Arrival>()

/** How long what nobody reads any more may still come: its client may read the answer only when it has sent everything. */
const DRAIN_MS = 10_000

/**
 * Whether a connection that took longer than other requests may is sending a file that still has time. When that is over,
 * `giveUp` is called once.
 */
export function hasTimeToUpload(socket: Socket, giveUp: () => void): boolean {
  const arrival = arrivals.get(socket)
  if (!arrival || arrival.until <= performance.now()) return false
  if (!arrival.giveUp) endLater(socket, arrival, giveUp)
  return true
}

function endLater(socket: Socket, arrival: Arrival, giveUp: () => void): void {
  arrival.giveUp = giveUp
  const end = (): void => {
    const left = arrival.until - performance.now()
    if (arrivals.get(socket) !== arrival) return
    if (left > 0) setTimeout(end, left).unref()
    else giveUp()
  }
  end()
}

/** The upload is read no more: the connection is free once all of it came, which may take {@link DRAIN_MS} from now on. */
function endArrival(request: IncomingMessage, arrival: Arrival): void {
  const { socket } = request
  const leave = (): boolean => arrivals.delete(socket)
  if (request.complete) return void leave()
  request.once('close', leave)
  arrival.until = Math.min(arrival.until, performance.now() + DRAIN_MS)
  if (arrival.giveUp) endLater(socket, arrival, arrival.giveUp)
}

/** How long and how large a file may be: bytes, milliseconds. */
type UploadBounds = Pick<BodyLimits, 'uploadBytesMax' | 'uploadTimeoutMs'>

/** Bounds a body that is read as it comes. Close it, whatever became of it. @param request that brings it */
export function openUpload(
  body: Readable,
  { uploadBytesMax, uploadTimeoutMs }: UploadBounds,
  request: IncomingMessage,
): Upload {
  const arrival = { until: performance.now() + uploadTimeoutMs }
  arrivals.set(request.socket, arrival)
  const hash = createHash('sha256')
  let bytes = 0
  const stream = new Transform({
    transform: (part: Buffer, _encoding, done) => {
      bytes += part.length
      hash.update(part)
      if (bytes > uploadBytesMax) done(new CdpError('CDP_BODY_TOO_LARGE'))
      else done(null, part)
    },
  })
  const fail = (cause: Error): void =>
    void stream.destroy(cause instanceof CdpError ? cause : new CdpError('CDP_CLIENT_GONE', { cause }))
  body.on('error', fail)
  // A form may break before anybody reads its file.
  if (body.errored) fail(body.errored)
  // Whoever reads it hears of it too; nobody may be reading yet, or any more.
  stream.on('error', () => undefined)
  body.pipe(stream)
  return {
    stream,
    digest: () => hash.copy().digest('hex'),
    close: () => {
      endArrival(request, arrival)
      stream.destroy()
      body.resume()
    },
  }
}
