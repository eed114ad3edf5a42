import type { FastifyReply, FastifyRequest } from 'fastify'

/** Something that is sent whole or in a range: how many bytes it has, and what tells this version from any other. */
export interface Ranged {
  size: number
  version: string
}

/** Which bytes to send; both inclusive. `none` where the range that was asked for is not in it. */
export type SentRange = { start: number; end: number } | 'none'

/**
 * Reads `Range` and `If-Range` (RFC 9110) and sets status and headers of the answer: 200 for all of it, 206 for a range, 416
 * for one that is not in it. Several ranges, and what is no range of bytes, are as good as none. A version that is not the
 * one that the client has a part of is sent whole.
 * @returns undefined where all of it is to be sent
 */
export function answerRange(
  request: FastifyRequest,
  reply: FastifyReply,
  { size, version }: Ranged,
): SentRange | undefined {
  const tag = `"${version}"`
  reply.header('ETag', tag).header('Accept-Ranges', 'bytes')
  const ifRange = request.headers['if-range']
  const isSame = ifRange === undefined || ifRange === tag
  const range = isSame ? readRange(request.headers.range, size) : undefined
  if (range === 'none') {
    reply.code(416).header('Content-Range', `bytes */${size}`)
    return range
  }
  const length = range ? range.end - range.start + 1 : size
  reply.code(range ? 206 : 200).header('Content-Length', length)
  if (range) reply.header('Content-Range', `bytes ${range.start}-${range.end}/${size}`)
  return range
}

function readRange(header: string | undefined, size: number): SentRange | undefined {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '') ?? []
  if (first === '' && last === '') return undefined
  if (first === '') {
    const length = Math.min(Number(last), size)
    return length === 0 ? 'none' : { start: size - length, end: size - 1 }
  }
  const start = Number(first)
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1)
  if (last !== '' && Number(last) < start) return undefined
  return start < size ? { start, end } : 'none'
}
