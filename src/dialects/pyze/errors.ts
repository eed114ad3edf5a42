import { readablePath } from '../../http/validation.ts'
import type { Answer } from '../../model/command.ts'
import type { CdpError, ErrorCode, ErrorKind } from '../../model/errors.ts'

/**
 * Status of every kind of error in this vendor's contract.
 * @source reference 1.2: 400 input, 401 credential, 403 app, 500
 * @assumed 400 for a wrong content type; 404, 405, 409, 413, 422, 429 and 503, which the vendor does not list
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

/** @assumed who is named wrongly in a body is a fault of the input: 400 (reference 1.1, resolution) */
const INPUT_FAULTS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'CDP_IDENTIFIER_HELD',
  'CDP_PROFILE_NOT_FOUND',
])

/** Any error in the vendor's shape. @source reference 1.2: `{"code":400,"message":"…"}` */
export function errorAnswer(error: CdpError): Answer {
  const status = INPUT_FAULTS.has(error.code) ? STATUS.invalid : STATUS[error.kind]
  return { status, body: { code: status, message: messageOf(error) } }
}

/** @source vendor page: `"FieldName" is not provided` */
function messageOf({ message, pointer, kind }: CdpError): string {
  const path = kind === 'invalid' && pointer ? readablePath(pointer) : ''
  if (path === '') return message
  if (message === `${path}: is required`) return `"${path}" is not provided`
  return message.startsWith(path) ? message : `${path}: ${message}`
}
