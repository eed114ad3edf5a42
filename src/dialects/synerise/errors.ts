import type { ErrorContext } from '../../http/mount.ts'
import { readablePath } from '../../http/validation.ts'
import { pointerTokens } from '../../lib/json.ts'
import { toStorableText } from '../../lib/text.ts'
import { toRfc3339 } from '../../lib/time.ts'
import type { Answer } from '../../model/command.ts'
import { STATUS_OF_KIND } from '../../model/errors.ts'
import type { CdpError, ErrorCode, ErrorKind } from '../../model/errors.ts'

/** The names of statuses, as the vendor writes them into `error`. */
const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  412: 'Precondition Failed',
  413: 'Payload Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Entity',
  423: 'Locked',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}

/** Errors of single fields: the body is JSON, and the vendor lists what is wrong with it. */
const FIELD_ERRORS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'CDP_BODY_INVALID',
  'CDP_QUERY_INVALID',
  'CDP_IDENTIFIER_MISSING',
  'CDP_IDENTIFIER_INVALID',
  'CDP_NAME_INVALID',
  'CDP_VALUE_TOO_DEEP',
  'CDP_TIME_OUT_OF_RANGE',
  'CDP_SEGMENT_INVALID',
])

/**
 * Any error in the shape that its path has: A below /sauth, D below /uauth, B below /notes-service; elsewhere B for fields and for
 * who is calling, C for everything that the vendor's framework refuses.
 * @source reference 0.3
 */
export function errorAnswer(error: CdpError, context: ErrorContext): Answer {
  const status = statusOf(error, context)
  if (context.path.startsWith('/sauth')) return { status, body: shapeA(error, context, status) }
  if (context.path.startsWith('/uauth')) return { status, body: shapeD(error, context, status) }
  return {
    status,
    body: isShapeB(error, context) ? shapeB(error, context, status) : shapeC(error, context, status),
  }
}

/** @source reference 0.3: known errorCodes */
const ERROR_CODES: Partial<Record<ErrorCode, string>> = {
  CDP_DEVICE_REQUIRED: 'SAU-601',
  CDP_EMAIL_LINK_REQUIRED: 'SAU-302',
  CDP_EMAIL_PIN_REQUIRED: 'SAU-303',
}
/**
 * @source reference, Select Workspace and Authenticate as Profile: both list 423
 * @assumed what 423 means: too many failed logins, and a workspace that asks for a second factor
 */
function statusOf({ code, kind }: CdpError, { path }: ErrorContext): number {
  const isSelection = path.startsWith('/uauth/auth/login/user/profile/')
  if (code === 'CDP_ATTEMPTS_BLOCKED' || (code === 'CDP_MFA_REQUIRED' && isSelection)) return LOCKED
  return STATUS_OF_KIND[kind]
}

const LOCKED = 423

/** Kinds of errors in shape B whatever their code. */
const B_KINDS: ReadonlySet<ErrorKind> = new Set<ErrorKind>(['unauthenticated', 'forbidden', 'not_found'])

/** A missing property inside an object of a transaction is refused by the vendor's framework. @source reference 0.3 */
function isShapeB(error: CdpError, { path }: ErrorContext): boolean {
  if (path.startsWith('/notes-service/')) return true
  if (B_KINDS.has(error.kind)) return error.code !== 'CDP_PATH_UNKNOWN'
  // In a batch the first token is the place of the item.
  const isNested = /^(?:\/\d+)?\/[a-z]\w*\/./i.test(error.pointer ?? '')
  if (path.startsWith('/v4/transactions') && isNested && error.message.endsWith(': is required')) return false
  return FIELD_ERRORS.has(error.code)
}

function shapeA(error: CdpError, context: ErrorContext, status: number): object {
  return {
    error: REASONS[status],
    message: error.message,
    errors: fieldErrors(error, context),
    status,
    timestamp: toRfc3339(context.at),
    path: context.path,
    traceId: context.traceId,
    ...(ERROR_CODES[error.code] !== undefined && { errorCode: ERROR_CODES[error.code] }),
  }
}

function shapeB(error: CdpError, context: ErrorContext, status: number): object {
  const errors = fieldErrors(error, context)
  return {
    error: REASONS[status],
    status,
    timestamp: toRfc3339(context.at),
    path: shortPath(context),
    message: errors.length > 0 ? 'Some fields did not pass validation' : error.message,
    errors,
  }
}

function shapeC(error: CdpError, context: ErrorContext, status: number): object {
  return {
    timestamp: toRfc3339(context.at),
    status,
    error: REASONS[status],
    message: error.code === 'CDP_API_VERSION_INVALID' ? VERSION_MESSAGE : error.message,
    path: shortPath(context),
  }
}

/** @source reference 0.2 */
const VERSION_MESSAGE = 'Version header content is invalid'

/** @assumed errorCode is the product's own code; the vendor lists only codes of logins of profiles */
function shapeD(error: CdpError, context: ErrorContext, status: number): object {
  return {
    path: context.path,
    timestamp: toRfc3339(context.at),
    errorCode: error.code,
    status,
    message: error.message,
    traceId: context.traceId,
  }
}

/** @source reference 0.3: paths in errors have no /v4 */
function shortPath({ path }: ErrorContext): string {
  return path.replace(/^\/v4(?=\/)/, '')
}

/** One entry of the vendor's lists of errors. */
export interface FieldError {
  code: number
  field: string
  message: string
  rejectedValue: string | null
}

/** @assumed the vendor prints no list of field error codes: the status stands in its place */
export function fieldError(error: CdpError, body: unknown): FieldError {
  const pointer = error.pointer ?? ''
  return {
    code: STATUS_OF_KIND[error.kind],
    field: readablePath(pointer),
    message: error.message,
    rejectedValue: rejectedValue(body, pointer),
  }
}

function fieldErrors(error: CdpError, { body }: ErrorContext): FieldError[] {
  const listed = [error, ...error.others].filter(
    ({ pointer, code }) => pointer !== undefined && FIELD_ERRORS.has(code),
  )
  return listed.map((each) => fieldError(each, body))
}

const REJECTED_LENGTH_MAX = 255

/** The value at the place that is at fault, as text; null when there is none. */
function rejectedValue(body: unknown, pointer: string): string | null {
  let value = body
  for (const token of pointer === '' ? [] : pointerTokens(pointer.slice(1))) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, token)) return null
    value = Reflect.get(value, token)
  }
  if (value === undefined || value === null) return null
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return toStorableText(text.slice(0, REJECTED_LENGTH_MAX))
}
