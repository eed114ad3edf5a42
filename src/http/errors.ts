import type { FastifyReply } from 'fastify'
import { CdpError } from '../model/errors.ts'
import type { ErrorCode } from '../model/errors.ts'
import { describeViolations } from './validation.ts'
import type { Violation } from './validation.ts'

/** Errors that Fastify raises before or beside a handler, as the product's own. */
const FASTIFY_ERRORS: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'CDP_BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'CDP_MEDIA_TYPE_UNSUPPORTED',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'CDP_BODY_UNPARSABLE',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'CDP_REQUEST_MALFORMED',
  FST_ERR_CTP_INVALID_JSON_BODY: 'CDP_BODY_UNPARSABLE',
  // Fastify asks for it of the method QUERY, which nothing here answers to, before it looks for a route.
  FST_ERR_ROUTE_MISSING_CONTENT_TYPE: 'CDP_METHOD_NOT_ALLOWED',
  FST_ERR_BAD_URL: 'CDP_PATH_UNKNOWN',
  FST_ERR_MAX_PARAM_LENGTH: 'CDP_PATH_UNKNOWN',
  FST_ERR_ASYNC_CONSTRAINT: 'CDP_PATH_UNKNOWN',
  ECONNRESET: 'CDP_CLIENT_GONE',
}

/** Whatever was thrown during a request as an error of the table; what is not known is ours: CDP_INTERNAL. */
export function asCdpError(error: unknown): CdpError {
  if (error instanceof CdpError) return error
  const violations = violationsOf(error)
  if (violations) return violations
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined
  const known = typeof code === 'string' ? FASTIFY_ERRORS[code] : undefined
  if (known) return new CdpError(known, { cause: error })
  return new CdpError('CDP_INTERNAL', { cause: error })
}

function violationsOf(error: unknown): CdpError | undefined {
  if (!(error instanceof Error)) return undefined
  const violations: unknown = Reflect.get(error, 'validation')
  if (!Array.isArray(violations)) return undefined
  const { detail, pointer } = describeViolations(violations as Violation[])
  const context: unknown = Reflect.get(error, 'validationContext')
  return new CdpError(context === 'body' ? 'CDP_BODY_INVALID' : 'CDP_QUERY_INVALID', {
    detail,
    pointer,
    cause: error,
  })
}

/** Sets what every refused answer carries beside its body. */
export function addErrorHeaders(reply: FastifyReply, error: CdpError): void {
  if (error.retryAfterSeconds !== undefined) reply.header('Retry-After', String(error.retryAfterSeconds))
}
