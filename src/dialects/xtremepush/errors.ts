import { readablePath } from '../../http/validation.ts'
import type { ErrorContext } from '../../http/mount.ts'
import type { Answer } from '../../model/command.ts'
import type { CdpError, ErrorKind } from '../../model/errors.ts'

/**
 * Status of every kind of error in this vendor's contract.
 * @source reference 3.1, SRC[20]: 400 input, 401 token, 403, 404, 405, 429, 500
 * @assumed 400 for a wrong content type; 409, 412, 413, 422 and 503, which the vendor does not list
 */
const STATUS: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  precondition: 412,
  too_large: 413,
  unsupported_media: 400,
  unprocessable: 422,
  rate_limited: 429,
  unavailable: 503,
  internal: 500,
  startup: 500,
}

/** The methods of the vendor's URLs, which all are `/api/external/<method>/<model>`. @source reference 3 */
const METHODS: readonly string[] = ['hit', 'import', 'info', 'list']

/** Any error in the vendor's envelope. @source reference 3.1: `{"success","code","message","errors"}` */
export function errorAnswer(error: CdpError, { path }: Pick<ErrorContext, 'path'>): Answer {
  const code = statusOf(error, path)
  const errors = error.kind === 'invalid' ? [error, ...error.others].flatMap(showFault) : []
  // The vendor's own sentence is not known but for its sense (reference 3.2, errors).
  const message = errors.length > 0 ? 'Invalid request' : error.message
  return { status: code, body: { success: false, code, message, ...(errors.length > 0 && { errors }) } }
}

function statusOf({ code, kind }: CdpError, path: string): number {
  // @source reference 3.1: missing authentication is 400
  if (code === 'CDP_KEY_MISSING') return STATUS.invalid
  if (code === 'CDP_PATH_UNKNOWN' && hasUnknownMethod(path)) return STATUS.method_not_allowed
  return STATUS[kind]
}

/** @source reference 3.1: 405 is also for a typo in the API method name in the URL */
function hasUnknownMethod(path: string): boolean {
  const [, method] = /^\/api\/external\/([^/]+)\/[^/]+$/.exec(path) ?? []
  return method !== undefined && !METHODS.includes(method)
}

function showFault({ pointer, message }: CdpError): object[] {
  if (pointer === undefined || pointer === '') return []
  const field = readablePath(pointer)
  return [{ field, message: message.startsWith(`${field}: `) ? message.slice(field.length + 2) : message }]
}
