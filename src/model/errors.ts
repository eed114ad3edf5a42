import { STARTUP_ERRORS } from './startup-errors.ts'

/**
 * What went wrong, seen from the caller: decides the HTTP status and whether a retry can help.
 * `startup` errors never reach a caller: they end the process with an exit code of docs/operations.md.
 */
export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'method_not_allowed'
  | 'conflict'
  | 'precondition'
  | 'too_large'
  | 'unsupported_media'
  | 'unprocessable'
  | 'rate_limited'
  | 'unavailable'
  | 'internal'
  | 'startup'

/** The HTTP status of each kind. A dialect may answer another one where its vendor's contract says so. */
export const STATUS_OF_KIND = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  precondition: 412,
  too_large: 413,
  unsupported_media: 415,
  unprocessable: 422,
  rate_limited: 429,
  unavailable: 503,
  internal: 500,
  startup: 500,
} as const satisfies Record<ErrorKind, number>

/**
 * Every error of the product: code → kind and the sentence a caller may read (no values, no SQL).
 * Codes are never renamed or reused. `docs/errors.md` describes each; a test holds the two equal.
 */
export const ERRORS = {
  CDP_BODY_INVALID: { kind: 'invalid', message: 'The request body is not what this operation takes.' },
  CDP_BODY_UNPARSABLE: { kind: 'invalid', message: 'The request body is not valid JSON.' },
  CDP_BODY_TOO_DEEP: { kind: 'invalid', message: 'The request body is nested too deeply.' },
  CDP_API_VERSION_INVALID: { kind: 'invalid', message: 'The Api-Version header is missing or not known.' },
  CDP_QUERY_INVALID: {
    kind: 'invalid',
    message: 'A query parameter is unknown or has a value that is not allowed.',
  },
  CDP_REQUEST_MALFORMED: { kind: 'invalid', message: 'The request is not well-formed HTTP.' },
  CDP_CLIENT_GONE: { kind: 'invalid', message: 'The client went away before its request was complete.' },
  CDP_IDENTIFIER_MISSING: { kind: 'invalid', message: 'No usable identifier was given.' },
  CDP_IDENTIFIER_INVALID: {
    kind: 'invalid',
    message: 'An identifier is too long or has characters that cannot be stored.',
  },
  CDP_NAME_INVALID: {
    kind: 'invalid',
    message: 'A name is empty, too long or has characters that cannot be stored.',
  },
  CDP_VALUE_TOO_DEEP: { kind: 'invalid', message: 'A value is nested too deeply.' },
  CDP_TIME_OUT_OF_RANGE: {
    kind: 'invalid',
    message: 'A time lies before 1900 or more than one day in the future.',
  },
  CDP_ATTRIBUTE_OPERATOR: {
    kind: 'invalid',
    message: 'The stored attribute has a type that this operator does not work on.',
  },
  CDP_SEGMENT_INVALID: {
    kind: 'invalid',
    message: 'The definition of the segment says something that it cannot say.',
  },
  CDP_COMPUTED_INVALID: {
    kind: 'invalid',
    message: 'The definition of the aggregate or the expression says something that it cannot say.',
  },
  CDP_PASSWORD_WEAK: {
    kind: 'invalid',
    message: 'A password has 12 to 1024 characters, not all the same, and is not the e-mail.',
  },
  CDP_IDENTIFIER_HELD: { kind: 'conflict', message: 'An identifier belongs to another profile.' },
  CDP_PRECONDITION_FAILED: {
    kind: 'precondition',
    message: 'The object was changed since it was read; read it again.',
  },
  CDP_IDEMPOTENCY_KEY_INVALID: {
    kind: 'invalid',
    message: 'The Idempotency-Key header must have 1 to 255 characters.',
  },
  CDP_KEY_MISSING: { kind: 'unauthenticated', message: 'No credential was given.' },
  CDP_KEY_UNKNOWN: { kind: 'unauthenticated', message: 'The credential is not known.' },
  CDP_TOKEN_INVALID: { kind: 'unauthenticated', message: 'The token is not valid.' },
  CDP_TOKEN_EXPIRED: { kind: 'unauthenticated', message: 'The token has expired.' },
  CDP_IDENTITY_PROVIDER_UNKNOWN: {
    kind: 'invalid',
    message: 'This identity provider is not set up in this workspace.',
  },
  CDP_IDENTITY_INVALID: {
    kind: 'unauthenticated',
    message: 'The token of the identity provider is not valid.',
  },
  CDP_ACCOUNT_MISSING: { kind: 'forbidden', message: 'Nobody has registered with this identity yet.' },
  CDP_SECRET_NOT_FOUND: { kind: 'not_found', message: 'No such secret.' },
  CDP_APPROVAL_REQUIRED: { kind: 'forbidden', message: 'The account waits for approval.' },
  CDP_TERMS_REQUIRED: { kind: 'forbidden', message: 'The terms must be accepted first.' },
  CDP_ACCOUNT_MFA_REQUIRED: { kind: 'forbidden', message: 'The account needs a second factor first.' },
  CDP_LOGIN_FAILED: { kind: 'unauthenticated', message: 'The login is not right.' },
  CDP_PASSWORD_WRONG: { kind: 'invalid', message: 'The password is not right.' },
  CDP_DEVICE_REQUIRED: { kind: 'invalid', message: 'The id of the device is required.' },
  CDP_EMAIL_LINK_REQUIRED: {
    kind: 'forbidden',
    message: 'The e-mail address must be confirmed by the link that was mailed to it.',
  },
  CDP_EMAIL_PIN_REQUIRED: {
    kind: 'forbidden',
    message: 'The e-mail address must be confirmed by the PIN that was mailed to it.',
  },
  CDP_MFA_CODE_WRONG: { kind: 'unauthenticated', message: 'The code is wrong, or was used already.' },
  CDP_MFA_REQUIRED: { kind: 'forbidden', message: 'This needs a second factor: confirm the login first.' },
  CDP_WORKSPACE_UNSELECTED: { kind: 'forbidden', message: 'No workspace was selected.' },
  CDP_NETWORK_FORBIDDEN: {
    kind: 'forbidden',
    message: 'Users may not work in this workspace from this address.',
  },
  CDP_CALLER_KIND_FORBIDDEN: {
    kind: 'forbidden',
    message: 'This operation is not for this kind of caller.',
  },
  CDP_STORE_FOREIGN: { kind: 'forbidden', message: 'The token is for another store.' },
  CDP_PROFILE_FOREIGN: { kind: 'forbidden', message: 'A profile writes about itself only.' },
  CDP_PERMISSION_MISSING: { kind: 'forbidden', message: 'The credential may not do this.' },
  CDP_PATH_UNKNOWN: { kind: 'not_found', message: 'There is nothing at this path.' },
  CDP_COMPANY_NOT_FOUND: { kind: 'not_found', message: 'No such company.' },
  CDP_WORKSPACE_NOT_FOUND: { kind: 'not_found', message: 'No such workspace.' },
  CDP_API_KEY_NOT_FOUND: { kind: 'not_found', message: 'No such API key.' },
  CDP_USER_NOT_FOUND: { kind: 'not_found', message: 'No such user.' },
  CDP_ROLE_NOT_FOUND: { kind: 'not_found', message: 'No such role.' },
  CDP_INVITATION_NOT_FOUND: {
    kind: 'not_found',
    message: 'There is no such invitation, or it was used, taken back or has expired.',
  },
  CDP_PROFILE_NOT_FOUND: { kind: 'not_found', message: 'No such profile.' },
  CDP_NOTE_NOT_FOUND: { kind: 'not_found', message: 'No such note.' },
  CDP_TAG_NOT_FOUND: { kind: 'not_found', message: 'No such tag.' },
  CDP_TAG_TAKEN: { kind: 'conflict', message: 'A workspace has a tag of this name.' },
  CDP_ERASURE_NOT_FOUND: { kind: 'not_found', message: 'No such erasure.' },
  CDP_SEGMENT_NOT_FOUND: { kind: 'not_found', message: 'No such segment.' },
  CDP_MATERIALIZATION_NOT_FOUND: { kind: 'not_found', message: 'No such materialization.' },
  CDP_SEGMENT_TAKEN: { kind: 'conflict', message: 'The workspace has a segment of this name.' },
  CDP_COMPUTED_NOT_FOUND: { kind: 'not_found', message: 'No such aggregate or expression.' },
  CDP_COMPUTED_TAKEN: {
    kind: 'conflict',
    message: 'The workspace has an aggregate or an expression of this name.',
  },
  CDP_COMPUTED_IN_USE: {
    kind: 'conflict',
    message: 'A segment or an expression refers to the aggregate or the expression.',
  },
  CDP_MERGE_NOT_FOUND: { kind: 'not_found', message: 'This profile was not merged.' },
  CDP_EXPORT_NOT_FOUND: { kind: 'not_found', message: 'No such export.' },
  CDP_EXPORT_STATE: {
    kind: 'conflict',
    message: 'The export is in a state in which this cannot be done.',
  },
  CDP_LINK_INVALID: { kind: 'forbidden', message: 'The link is not valid, or not any longer.' },
  CDP_FILE_UNWRITABLE: { kind: 'unavailable', message: 'A file cannot be written.' },
  CDP_METHOD_NOT_ALLOWED: {
    kind: 'method_not_allowed',
    message: 'This path does not answer to this method.',
  },
  CDP_ORIGIN_FORBIDDEN: {
    kind: 'forbidden',
    message: 'A page of another origin may not use the cookie of this one.',
  },
  CDP_IMPORT_NOT_FOUND: { kind: 'not_found', message: 'No such import.' },
  CDP_IMPORT_STATE: {
    kind: 'conflict',
    message: 'The import is in a state in which this cannot be done.',
  },
  CDP_REJECTION_NOT_FOUND: { kind: 'not_found', message: 'There is no such entry in the ledger.' },
  CDP_REJECTION_NOT_REPLAYABLE: {
    kind: 'conflict',
    message: 'This entry cannot be sent again.',
  },
  CDP_MESSAGE_NOT_FOUND: { kind: 'not_found', message: 'No such message.' },
  CDP_MESSAGE_NOT_RETRYABLE: {
    kind: 'conflict',
    message: 'This message is out, or being sent right now.',
  },
  CDP_MESSAGE_TEMPLATE_NOT_FOUND: { kind: 'not_found', message: 'No message has this name.' },
  CDP_MESSAGE_TEMPLATE_INVALID: {
    kind: 'invalid',
    message: 'The template names something that this message does not have, or leaves out what it needs.',
  },
  CDP_RECIPIENT_INVALID: {
    kind: 'invalid',
    message: 'A message cannot be sent to this address or number.',
  },
  CDP_CODE_INVALID: { kind: 'invalid', message: 'The code or link is not valid, or was used already.' },
  CDP_CODE_EXPIRED: { kind: 'invalid', message: 'The link has expired; ask for a new one.' },
  CDP_CODE_TRIES_EXHAUSTED: {
    kind: 'invalid',
    message: 'The code was tried too often; ask for a new one.',
  },
  CDP_ADDRESS_FORBIDDEN: { kind: 'invalid', message: 'This address may not be called from here.' },
  CDP_UPSTREAM_FAILED: {
    kind: 'unavailable',
    message: 'Another server that was asked did not answer as it should; retry later.',
  },
  CDP_WORKSPACE_TAKEN: { kind: 'conflict', message: 'Another workspace has this name or guid.' },
  CDP_API_KEY_TAKEN: { kind: 'conflict', message: 'This secret opens something already.' },
  CDP_MANAGED_BY_CONFIG: {
    kind: 'conflict',
    message: 'The configuration file declares this object: change it there.',
  },
  CDP_USER_TAKEN: { kind: 'conflict', message: 'Another user has this e-mail.' },
  CDP_LAST_OWNER: { kind: 'conflict', message: 'An installation keeps at least one owner.' },
  CDP_ROLE_BUILT_IN: { kind: 'conflict', message: 'This role is built in.' },
  CDP_ROLE_IN_USE: { kind: 'conflict', message: 'A user has this role.' },
  CDP_MFA_ENROLLED: { kind: 'conflict', message: 'A second factor is set up already.' },
  CDP_MERGE_SELF: { kind: 'conflict', message: 'A profile cannot be merged with itself.' },
  CDP_MERGE_NOT_LATEST: {
    kind: 'conflict',
    message: 'The surviving profile was merged again later; undo that merge first.',
  },
  CDP_IDEMPOTENCY_IN_FLIGHT: {
    kind: 'conflict',
    message: 'A request with this Idempotency-Key is still being processed.',
  },
  CDP_IDEMPOTENCY_MISMATCH: {
    kind: 'unprocessable',
    message: 'This Idempotency-Key was used for another request.',
  },
  CDP_BODY_TOO_LARGE: { kind: 'too_large', message: 'The request body is too large.' },
  CDP_MEDIA_TYPE_UNSUPPORTED: {
    kind: 'unsupported_media',
    message: 'The content type must be application/json.',
  },
  CDP_RATE_LIMITED: { kind: 'rate_limited', message: 'Too many requests; retry later.' },
  CDP_ATTEMPTS_BLOCKED: {
    kind: 'rate_limited',
    message: 'Too many failed attempts; retry later.',
  },
  CDP_OVERLOADED: { kind: 'unavailable', message: 'The server is at its limit; retry later.' },
  CDP_SHUTTING_DOWN: { kind: 'unavailable', message: 'The server is shutting down; retry later.' },
  CDP_STORAGE_UNAVAILABLE: { kind: 'unavailable', message: 'The storage cannot be reached; retry later.' },
  CDP_PROVIDER_UNAVAILABLE: {
    kind: 'unavailable',
    message: 'The identity provider cannot be reached; retry later.',
  },
  CDP_COMMIT_UNKNOWN: {
    kind: 'unavailable',
    message: 'The storage did not confirm the write in time; retry with the same id.',
  },
  CDP_INTERNAL: { kind: 'internal', message: 'The server failed to process the request.' },
  CDP_INVARIANT_BROKEN: { kind: 'internal', message: 'The server met a state that must not exist.' },
  ...STARTUP_ERRORS,
} as const satisfies Record<string, { kind: ErrorKind; message: string }>

/** A code of the error table. */
export type ErrorCode = keyof typeof ERRORS

/** What may go with an error: `detail` and `pointer` are for the caller, `cause` only for the log. */
export interface ErrorOptions {
  /** A sentence for the caller that is more exact than the table's; holds no values, no SQL. */
  detail?: string
  /** JSON pointer (RFC 6901) to the place in the request body that is at fault. */
  pointer?: string
  /** For `rate_limited` and `unavailable`: whole seconds after which a retry makes sense. */
  retryAfterSeconds?: number
  /** What else is wrong with the same request. */
  others?: readonly CdpError[]
  cause?: unknown
}

/** The only error class that the product throws on purpose; everything else is a defect and answers CDP_INTERNAL. */
export class CdpError extends Error {
  readonly code: ErrorCode
  readonly kind: ErrorKind
  readonly pointer: string | undefined
  readonly retryAfterSeconds: number | undefined
  /** What else is wrong with the same request, where its contract lists all of it. */
  readonly others: readonly CdpError[]

  /** @param code a key of {@link ERRORS}; its sentence is used unless `options.detail` is more exact */
  constructor(code: ErrorCode, options: ErrorOptions = {}) {
    super(options.detail ?? ERRORS[code].message, options.cause === undefined ? {} : { cause: options.cause })
    this.name = 'CdpError'
    this.code = code
    this.kind = ERRORS[code].kind
    this.pointer = options.pointer
    this.retryAfterSeconds = options.retryAfterSeconds
    this.others = options.others ?? []
  }
}

/** Any thrown value as a {@link CdpError}; what is not one becomes CDP_INTERNAL with the original as `cause`. */
export function toCdpError(error: unknown): CdpError {
  return error instanceof CdpError ? error : new CdpError('CDP_INTERNAL', { cause: error })
}
