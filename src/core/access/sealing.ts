import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { CdpError } from '../../model/errors.ts'

const ALGORITHM = 'aes-256-gcm'

const NONCE_BYTES = 12

const TAG_BYTES = 16

/**
 * Seals a secret that must be read back: AES-256-GCM under the installation's key of 32 bytes.
 * @param context what the secret belongs to; opening it for anything else fails
 * @returns nonce, authentication tag and cipher text
 */
export function seal(secret: Buffer, context: string, key: Buffer): Buffer {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv(ALGORITHM, key, nonce).setAAD(Buffer.from(context))
  const text = Buffer.concat([cipher.update(secret), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), text])
}

/** Opens what {@link seal} sealed. @throws CDP_SECRET_KEY_WRONG another key or another context sealed it */
export function unseal(sealed: Buffer, context: string, key: Buffer): Buffer {
  const nonce = sealed.subarray(0, NONCE_BYTES)
  const tag = sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES)
  try {
    const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES })
    decipher.setAAD(Buffer.from(context)).setAuthTag(tag)
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()])
  } catch (error) {
    throw new CdpError('CDP_SECRET_KEY_WRONG', { cause: error })
  }
}
