import { isIP, isIPv4 } from 'node:net'
import { isSupportedCountry } from 'libphonenumber-js'
import { isUuid } from '../lib/ids.ts'
import { fitsCodePoints, isStorableText } from '../lib/text.ts'
import { parseIsoInstant } from '../lib/time.ts'

/** What a text must be: the sentence that an error and the documentation show, and the check. */
interface Format {
  rule: string
  accepts: (text: string) => boolean
}

const ADDRESS = /^[^\s@<>]+@[^\s@<>]+$/
const MAILBOX = /^[^\r\n<>]*<([^<>]+)>$/
const VISIBLE_ASCII = /^[\x21-\x7e]{1,255}$/

/** The formats of settings, by the name that the schema uses. */
export const FORMATS = {
  'object-name': {
    rule: 'must be 1 to 255 characters',
    accepts: (text) => text.trim() !== '' && fitsCodePoints(text, 255) && isStorableText(text),
  },
  // Credentials travel in headers and paths, where anything else would have several spellings.
  credential: {
    rule: 'must be 1 to 255 visible ASCII characters without spaces',
    accepts: (text) => VISIBLE_ASCII.test(text),
  },
  'storable-text': {
    rule: 'must be text without NUL or half a surrogate pair',
    accepts: isStorableText,
  },
  guid: { rule: 'must be a UUID', accepts: isUuid },
  'time-zone': {
    rule: 'must be an IANA time zone such as Europe/Warsaw',
    accepts: isTimeZone,
  },
  country: {
    rule: 'must be an ISO 3166-1 alpha-2 country in capitals, such as PL',
    accepts: isSupportedCountry,
  },
  'web-origin': {
    rule: 'must be an origin as browsers send it: http(s)://host[:port], lower case, no path, no default port',
    accepts: (text) => isUrl(text, ['http:', 'https:']) && new URL(text).origin === text,
  },
  network: {
    rule: 'must be an IP address or a network such as 192.0.2.0/24 or 2001:db8::/32',
    accepts: isNetwork,
  },
  email: { rule: 'must be an e-mail address', accepts: (text) => ADDRESS.test(text) },
  mailbox: {
    rule: 'must be an e-mail address, or a name and an address in angle brackets',
    accepts: (text) => ADDRESS.test(MAILBOX.exec(text)?.[1] ?? text),
  },
  'smtp-url': {
    rule: 'must be an smtp:// or smtps:// URL',
    accepts: (text) => isUrl(text, ['smtp:', 'smtps:']),
  },
  moment: {
    rule: 'must be a date or a date and time with seconds by ISO 8601, such as 2026-01-31 or 2026-01-31T09:00:00+01:00',
    accepts: (text) => parseIsoInstant(text) !== undefined,
  },
  'http-url': {
    rule: 'must be an http:// or https:// URL',
    accepts: (text) => isUrl(text, ['http:', 'https:']),
  },
} as const satisfies Record<string, Format>

/** Name of a format. */
export type FormatName = keyof typeof FORMATS

function isUrl(text: string, protocols: readonly string[]): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined
  return url !== undefined && url.hostname !== '' && protocols.includes(url.protocol)
}

function isNetwork(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/')
  if (isIP(address) === 0 || rest.length > 0) return false
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (isIPv4(address) ? 32 : 128))
}

function isTimeZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
