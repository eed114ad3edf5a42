import { Secret, TOTP } from 'otpauth'
import { now } from '../../lib/time.ts'

// What every authenticator app understands: SHA-1, six digits, thirty seconds (RFC 6238).
const FORM = { algorithm: 'SHA1', digits: 6, period: 30 } as const

/** Shown in the app beside the user's e-mail. */
const ISSUER = 'Tributary'

/** A clock that is wrong by half a minute, and the time that typing takes. */
const STEPS_AROUND = 1

/** Twenty random bytes, the length of the hash (RFC 4226). */
export function newSeed(): Buffer {
  return Buffer.from(new Secret({ size: 20 }).bytes)
}

/** The seed as people type it: base32. */
export function writeSeed(seed: Buffer): string {
  return secretOf(seed).base32
}

/** The `otpauth:` address that an app reads from a QR code. */
export function addressOfSeed(seed: Buffer, email: string): string {
  return new TOTP({ ...FORM, issuer: ISSUER, label: email, secret: secretOf(seed) }).toString()
}

/** The step of thirty seconds that a code belongs to; undefined when it is none of the steps around now. */
export function stepOfCode(seed: Buffer, code: string): number | undefined {
  const totp = new TOTP({ ...FORM, secret: secretOf(seed) })
  const timestamp = now()
  const delta = totp.validate({ token: code, timestamp, window: STEPS_AROUND })
  return delta === null ? undefined : totp.counter({ timestamp }) + delta
}

function secretOf(seed: Buffer): Secret {
  return Secret.fromHex(seed.toString('hex'))
}
