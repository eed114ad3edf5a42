import type { IncomingMessage } from 'node:http'
import { newTraceId } from '../lib/ids.ts'

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/

const ALL_ZERO = /^0+$/

/**
 * The trace id of a request: the caller's (W3C Trace Context) when it is well-formed, else a new one. It is in
 * `X-Request-Id`, the log, error bodies, the ledger and the change log.
 */
export function traceIdOf(request: Pick<IncomingMessage, 'headers'>): string {
  const header = request.headers['traceparent']
  const match = typeof header === 'string' ? TRACEPARENT.exec(header) : null
  const [, traceId, parentId] = match ?? []
  if (traceId === undefined || parentId === undefined) return newTraceId()
  return ALL_ZERO.test(traceId) || ALL_ZERO.test(parentId) ? newTraceId() : traceId
}
