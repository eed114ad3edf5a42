import { createHmac, randomBytes, randomInt } from 'node:crypto'
import { sha256 } from '../../lib/ids.ts'
import type { CodeForm, CodePlace } from '../../storage/one-time-codes.ts'

/** Nobody guesses 256 bits. */
const LINK_BYTES = 32

const PIN_DIGITS = 6

/** Without 0 O, 1 I L, 2 Z, 5 S, 8 B, which are mistaken for each other when they are read out or typed. */
const SMS_ALPHABET = '34679ACDEFGHJKMNPQRTUVWXY'

const SMS_LENGTH = 5

/** Bytes that make two equal codes have two hashes. */
export const SALT_BYTES = 16

/** A new secret of a form. */
export function newCode(form: CodeForm): string {
  if (form === 'link') return randomBytes(LINK_BYTES).toString('base64url')
  const [alphabet, length] = form === 'pin' ? ['0123456789', PIN_DIGITS] : [SMS_ALPHABET, SMS_LENGTH]
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('')
}

/** What is stored of a link: 32 bytes. A plain hash, because it is looked up by it and cannot be guessed. */
export function hashLink(secret: string): Buffer {
  return sha256(secret)
}

/**
 * What is stored of a typed code: 32 bytes. A million codes are hashed in a second, so the hash needs a key that the
 * database does not hold; the place keeps a row from standing in for another one.
 * @param key the installation's 32 bytes
 */
export function hashTyped(
  secret: string,
  { workspaceId, purpose, subject }: CodePlace,
  salt: Buffer,
  key: Buffer,
): Buffer {
  const hmac = createHmac('sha256', key).update('one-time-code').update(salt)
  for (const part of [String(workspaceId), purpose, subject, spelled(secret)])
    hmac.update(`${part.length}:`).update(part)
  return hmac.digest()
}

/** People add spaces and do not mind letter case. */
function spelled(secret: string): string {
  return secret.replaceAll(/\s/g, '').toUpperCase()
}
