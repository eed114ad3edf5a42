import type { ErrorContext } from '../../http/mount.ts'
import type { Answer } from '../../model/command.ts'
import { ERRORS, STATUS_OF_KIND } from '../../model/errors.ts'
import type { CdpError } from '../../model/errors.ts'

/**
 * Any error as problem details (RFC 9457). `type` names the code, `docs/errors.md` explains it; `detail` is more
 * exact than `title` where there is more to say.
 */
export function errorAnswer(error: CdpError, { traceId }: ErrorContext): Answer {
  const status = STATUS_OF_KIND[error.kind]
  const errors =
    error.pointer === undefined ? {} : { errors: [{ pointer: error.pointer, detail: error.message }] }
  const type = `urn:tributary:error:${error.code}`
  const title = ERRORS[error.code].message
  return {
    status,
    body: { type, title, status, code: error.code, detail: error.message, traceId, ...errors },
  }
}
