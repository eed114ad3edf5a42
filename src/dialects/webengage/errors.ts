import { readablePath } from '../../http/validation.ts'
import type { Answer } from '../../model/command.ts'
import type { CdpError, ErrorKind } from '../../model/errors.ts'

/**
 * Status of every kind of error in this vendor's contract.
 * @source reference 4.1: 401 key, 404 license code, 413, 429, 500; the vendor's own list was not recovered
 * @assumed 400 for a wrong content type; 409 and 422 for the Idempotency-Key, which the vendor does not have
 */
const STATUS: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 401,
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

/** Any error in the vendor's container. @source reference 4.1: `{"response":{"status","message"}}` */
export function errorAnswer(error: CdpError): Answer {
  return { status: STATUS[error.kind], body: { response: { status: 'error', message: messageOf(error) } } }
}

function messageOf(error: CdpError): string {
  // The vendor's own word for a missing, wrong or powerless key (reference 4.1, SRC[34]).
  if (error.kind === 'unauthenticated' || error.kind === 'forbidden') return 'Unauthorized'
  const path = error.kind === 'invalid' && error.pointer ? readablePath(error.pointer) : ''
  return path === '' || error.message.startsWith(path) ? error.message : `${path}: ${error.message}`
}
