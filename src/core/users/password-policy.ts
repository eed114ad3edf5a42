import { CdpError } from '../../model/errors.ts'

/** NIST SP 800-63B asks for 8 and advises more: a sentence of a few words has them. */
const PASSWORD_LENGTH_MIN = 12

/** Longer than any sentence; argon2 reads all of it. */
const PASSWORD_LENGTH_MAX = 1024

/** The policy as a sentence without its full stop. */
export const PASSWORD_POLICY = `Password must have at least ${PASSWORD_LENGTH_MIN} characters, not all the same, and must not be your address`

/** Refuses passwords of users that are guessed first. @throws CDP_PASSWORD_WEAK */
export function requirePassword(password: string, email: string, pointer: string): void {
  const length = codePoints(password)
  const lower = password.toLowerCase()
  const isNamed = lower === email.toLowerCase() || lower === email.toLowerCase().split('@')[0]
  const isOneLetter = new Set(password).size === 1
  if (length < PASSWORD_LENGTH_MIN || length > PASSWORD_LENGTH_MAX || isNamed || isOneLetter)
    throw new CdpError('CDP_PASSWORD_WEAK', { pointer })
}

/** What people see as characters, nearly: half of a pair is none. */
function codePoints(text: string): number {
  return text.replaceAll(/[\uD800-\uDBFF][\uDC00-\uDFFF]/g, '_').length
}
