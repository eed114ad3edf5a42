import { fitsCodePoints } from '../../lib/text.ts'
import { CdpError } from '../../model/errors.ts'
import type { WorkspaceSettings } from '../../model/workspace.ts'
import type { PASSWORD_PARTS } from '../../model/workspace-settings.ts'

type PasswordPart = (typeof PASSWORD_PARTS)[number]

const PATTERNS: Readonly<Record<PasswordPart, RegExp>> = {
  letter: /\p{L}/u,
  upper: /\p{Lu}/u,
  lower: /\p{Ll}/u,
  digit: /\p{Nd}/u,
  special: /[^\p{L}\p{Nd}\s]/u,
}

const WORDS: Readonly<Record<PasswordPart, string>> = {
  letter: 'one letter',
  upper: 'one upper-case letter',
  lower: 'one lower-case letter',
  digit: 'one digit',
  special: 'one special character',
}

/** Hashing more would only cost time. */
const LENGTH_MAX = 1_024

/** Requires that a new password meets the rules of its workspace. @throws CDP_PASSWORD_WEAK with the rules as `detail` */
export function requireGoodPassword(password: string, settings: WorkspaceSettings): void {
  const { passwordLengthMin, passwordRequires } = settings
  const isGood =
    !fitsCodePoints(password, passwordLengthMin - 1) &&
    password.length <= LENGTH_MAX &&
    passwordRequires.every((part) => PATTERNS[part].test(password))
  if (!isGood) throw new CdpError('CDP_PASSWORD_WEAK', { detail: passwordRules(settings) })
}

/** The rules as a sentence. @source reference Synerise 0.3 prints it for the default rules */
export function passwordRules({ passwordLengthMin, passwordRequires }: WorkspaceSettings): string {
  // The order in which the vendor's sentence lists them.
  const order: readonly PasswordPart[] = ['digit', 'letter', 'upper', 'lower', 'special']
  const wanted = order.filter((part) => passwordRequires.includes(part)).map((part) => WORDS[part])
  const last = wanted.at(-1)
  const head = `Password must have at least ${passwordLengthMin} characters`
  if (last === undefined) return head
  const list = wanted.length === 1 ? last : `${wanted.slice(0, -1).join(', ')} and ${last}`
  return `${head} and must contain at least ${list}`
}
