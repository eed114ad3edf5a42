import { readablePath } from '../../http/validation.ts'
import type { Answer } from '../../model/command.ts'
import { STATUS_OF_KIND } from '../../model/errors.ts'
import type { CdpError, ErrorCode, ErrorKind } from '../../model/errors.ts'

/** @assumed 400 for a wrong content type (reference, cross-cutting choices) */
const STATUSES: Partial<Record<ErrorKind, number>> = { unsupported_media: 400 }

/** @assumed an id that is somebody else's is a fault of the input */
const INPUT_FAULTS: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['CDP_IDENTIFIER_HELD'])

/** @assumed the vendor's page has no codes: the status in words, and for fields `invalid_` and the field */
const CODES: Readonly<Record<ErrorKind, string>> = {
  invalid: 'invalid_request',
  unauthenticated: 'unauthorized',
  forbidden: 'forbidden',
  not_found: 'not_found',
  method_not_allowed: 'method_not_allowed',
  conflict: 'conflict',
  precondition: 'precondition_failed',
  too_large: 'payload_too_large',
  unsupported_media: 'unsupported_media_type',
  unprocessable: 'unprocessable',
  rate_limited: 'too_many_requests',
  unavailable: 'unavailable',
  internal: 'internal_error',
  startup: 'internal_error',
}

/** Any error in the vendor's shape. @source reference 2.3: `{"errors":[{"code","field","message"}]}` */
export function errorAnswer(error: CdpError): Answer {
  const { kind, code, pointer } = error
  const status = INPUT_FAULTS.has(code) ? STATUS_OF_KIND.invalid : (STATUSES[kind] ?? STATUS_OF_KIND[kind])
  const field = pointer === undefined || pointer === '' ? null : readablePath(pointer)
  const entry = { code: codeOf(error, field), field, message: error.message }
  return { status, body: { errors: [entry] } }
}

function codeOf({ kind }: CdpError, field: string | null): string {
  if (kind !== 'invalid' || field === null) return CODES[kind]
  return `invalid_${field.split('.')[0] ?? 'request'}`
}
