import { CdpError } from '../model/errors.ts'
import type { ERRORS, ErrorCode } from '../model/errors.ts'

/** The exit codes of every command, as sysexits.h numbers them where it has one; docs/operations.md lists them. */
export const EXIT_STATUSES = {
  ok: { code: 0, meaning: 'The command did its work, or the server was stopped cleanly.' },
  failure: {
    code: 1,
    meaning: 'An unexpected failure: a defect, or something that no other code stands for.',
  },
  faulty: { code: 2, meaning: '`doctor` found a fault; each of its lines says what to do.' },
  usage: { code: 64, meaning: 'Wrong usage: an unknown command, option, argument or setting.' },
  refused: {
    code: 65,
    meaning:
      'Some rows of an import were refused, and the file of refused rows says which and why; or a backup cannot be restored from its file.',
  },
  conflict: {
    code: 73,
    meaning:
      'The change was not made: the name, guid, secret or e-mail is taken, the configuration file declares the object, the file is there already, or the database to restore into is not empty.',
  },
  unavailable: { code: 69, meaning: 'The database cannot be reached, started or used by this release.' },
  inUse: { code: 75, meaning: 'Another process has the data directory or the address to listen on.' },
  config: { code: 78, meaning: 'The configuration is invalid; the message has one line for each error.' },
} as const satisfies Record<string, { code: number; meaning: string }>

/** The codes of the error table that end a process instead of a request. */
type StartupCode = {
  [Code in ErrorCode]: (typeof ERRORS)[Code]['kind'] extends 'startup' ? Code : never
}[ErrorCode]

/** The exit code of each startup error, and of those that commands meet; a code that is added to the error table does not compile without one. */
export const EXIT_CODES = {
  CDP_CONFIG_INVALID: EXIT_STATUSES.config.code,
  CDP_DATA_DIR_IN_USE: EXIT_STATUSES.inUse.code,
  CDP_PORT_IN_USE: EXIT_STATUSES.inUse.code,
  CDP_DATA_DIR_VERSION: EXIT_STATUSES.unavailable.code,
  CDP_CARRY_OVER_FAILED: EXIT_STATUSES.unavailable.code,
  CDP_ENGINE_FAILED: EXIT_STATUSES.unavailable.code,
  CDP_DATABASE_UNSUITABLE: EXIT_STATUSES.unavailable.code,
  CDP_DATABASE_NEWER: EXIT_STATUSES.unavailable.code,
  CDP_SECRET_KEY_WRONG: EXIT_STATUSES.config.code,
  CDP_DATABASE_NOT_EMPTY: EXIT_STATUSES.conflict.code,
  CDP_FILE_EXISTS: EXIT_STATUSES.conflict.code,
  CDP_BACKUP_UNREADABLE: EXIT_STATUSES.refused.code,
  CDP_BACKUP_NEWER: EXIT_STATUSES.refused.code,
  CDP_BACKUP_DIFFERS: EXIT_STATUSES.refused.code,
  CDP_WORKSPACE_NOT_FOUND: EXIT_STATUSES.usage.code,
  CDP_API_KEY_NOT_FOUND: EXIT_STATUSES.usage.code,
  CDP_TAG_NOT_FOUND: EXIT_STATUSES.usage.code,
  CDP_BODY_INVALID: EXIT_STATUSES.usage.code,
  CDP_PASSWORD_WEAK: EXIT_STATUSES.usage.code,
  CDP_WORKSPACE_TAKEN: EXIT_STATUSES.conflict.code,
  CDP_API_KEY_TAKEN: EXIT_STATUSES.conflict.code,
  CDP_USER_TAKEN: EXIT_STATUSES.conflict.code,
  CDP_TAG_TAKEN: EXIT_STATUSES.conflict.code,
  CDP_LAST_OWNER: EXIT_STATUSES.conflict.code,
  CDP_MANAGED_BY_CONFIG: EXIT_STATUSES.conflict.code,
  CDP_STORAGE_UNAVAILABLE: EXIT_STATUSES.unavailable.code,
} as const satisfies Record<StartupCode, number> & Partial<Record<ErrorCode, number>>

const CODE_OF: Readonly<Partial<Record<ErrorCode, number>>> = EXIT_CODES

/** The code with which a process ends because of this error; 1 for whatever has none of its own. */
export function exitCodeOf(error: unknown): number {
  return (error instanceof CdpError ? CODE_OF[error.code] : undefined) ?? EXIT_STATUSES.failure.code
}
