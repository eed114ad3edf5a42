import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'

/** A certificate and its key, PEM. */
export interface Certificate {
  cert: string
  key: string
}

/** DER of the object identifiers, with tag and length. */
const OIDS = {
  ecdsaWithSha256: '06082a8648ce3d040302',
  commonName: '0603550403',
  subjectAltName: '0603551d11',
} as const

/** Some bytes below which each size has one form. */
const SHORT_LENGTH_MAX = 127

/**
 * Makes a self-signed certificate for an address, valid for a day around now. Node reads certificates but makes none,
 * and a machine that runs the tests need not have openssl.
 * @source RFC 5280 section 4.1
 */
export function makeCertificate(address: readonly [number, number, number, number]): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const algorithm = sequence(Buffer.from(OIDS.ecdsaWithSha256, 'hex'))
  const name = sequence(
    tagged(0x31, sequence(Buffer.from(OIDS.commonName, 'hex'), tagged(0x0c, Buffer.from('tributary test')))),
  )
  const altName = sequence(
    Buffer.from(OIDS.subjectAltName, 'hex'),
    tagged(0x04, sequence(tagged(0x87, Buffer.from(address)))),
  )
  const body = sequence(
    tagged(0xa0, tagged(0x02, Buffer.from([2]))),
    tagged(0x02, serialNumber()),
    algorithm,
    name,
    sequence(time(-1), time(1)),
    name,
    spki,
    tagged(0xa3, sequence(altName)),
  )
  const signature = sign('sha256', body, privateKey)
  const der = sequence(body, algorithm, tagged(0x03, Buffer.concat([Buffer.from([0]), signature])))
  const lines = der.toString('base64').replaceAll(/.{64}/g, '$&\n').trim()
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

/** A tag, the length and the bytes: DER. */
function tagged(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  if (length <= SHORT_LENGTH_MAX) return Buffer.concat([Buffer.from([tag, length]), content])
  const bytes = length > 0xff ? [length >> 8, length & 0xff] : [length]
  return Buffer.concat([Buffer.from([tag, 0x80 + bytes.length, ...bytes]), content])
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, ...parts)
}

/** Positive and without leading zeros. */
function serialNumber(): Buffer {
  const digest = createHash('sha256').update(randomBytes(16)).digest().subarray(0, 8)
  return Buffer.concat([Buffer.from([0x40 | ((digest[0] ?? 0) & 0x3f)]), digest.subarray(1)])
}

/** UTCTime, `days` from now. */
function time(days: number): Buffer {
  const text = new Date(Date.now() + days * 86_400_000).toISOString()
  return tagged(0x17, Buffer.from(`${text.slice(2, 19).replaceAll(/[-:T]/g, '')}Z`))
}
