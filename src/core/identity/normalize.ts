import { parsePhoneNumberFromString } from 'libphonenumber-js'
import type { CountryCode } from 'libphonenumber-js'
import { isUuid } from '../../lib/ids.ts'
import { fitsCodePoints, isStorableText } from '../../lib/text.ts'
import type { RawIdentifier } from '../../model/command.ts'
import type { Identifier } from '../../model/identity.ts'
import type { WorkspaceSettings } from '../../model/workspace.ts'

/** Longest identifier in Unicode code points; 255 of four bytes each still fit into a B-tree entry. */
const IDENTIFIER_LENGTH_MAX = 255

/** Separates the label of an alias from its id; it cannot be typed, so no id holds it by accident. */
const ALIAS_SEPARATOR = '\u001F'

/** What became of an identifier as sent. */
export type Normalized =
  | { outcome: 'usable'; identifier: Identifier }
  | { outcome: 'junk' }
  | { outcome: 'invalid' }
  | { outcome: 'unparsable' }

/**
 * Brings an identifier into the one form in which two spellings are the same.
 * `junk` means that the value identifies nobody ("", "null", "0"); `invalid` that it can never be stored;
 * `unparsable` that it is only not an identifier (a phone number that is none).
 */
export function normalizeIdentifier(raw: RawIdentifier, settings: WorkspaceSettings): Normalized {
  if (isJunkIdentifier(raw, settings)) return { outcome: 'junk' }
  if (!isStorableText(raw.value) || !isStorableText(raw.label ?? '')) return { outcome: 'invalid' }
  const value = normalForm(raw, settings)
  if (value === undefined) return { outcome: 'unparsable' }
  if (!fitsCodePoints(value, IDENTIFIER_LENGTH_MAX)) return { outcome: 'invalid' }
  return { outcome: 'usable', identifier: { kind: raw.kind, value } }
}

function normalForm(raw: RawIdentifier, settings: WorkspaceSettings): string | undefined {
  switch (raw.kind) {
    case 'email':
      return raw.value.normalize('NFC').trim().toLowerCase()
    case 'phone':
      return normalizePhone(raw.value, settings.defaultCountry)
    case 'uuid':
      return isUuid(raw.value) ? raw.value.toLowerCase() : raw.value
    case 'alias':
      return `${raw.label ?? ''}${ALIAS_SEPARATOR}${raw.value}`
    case 'userId':
    case 'anonymousId':
    case 'deviceId':
      return raw.value
  }
}

/** Label and id of an alias in normal form. */
export function readAlias(value: string): { label: string; id: string } {
  const [label = '', id = ''] = value.split(ALIAS_SEPARATOR, 2)
  return { label, id }
}

/** E.164 with a plus; undefined when it is not a possible number. A number without country gets the default one. */
function normalizePhone(text: string, defaultCountry: string | null): string | undefined {
  const parsed = parsePhoneNumberFromString(
    text,
    defaultCountry ? { defaultCountry: asCountry(defaultCountry) } : {},
  )
  return parsed?.isPossible() ? parsed.number : undefined
}

// The configuration's schema holds it to two letters; the library answers "no number" to a country it lacks.
function asCountry(text: string): CountryCode {
  return text as CountryCode
}

// What broken clients send for "nobody": an unset variable printed as text, a default, a placeholder.
const JUNK = new Set([
  '',
  'null',
  'undefined',
  'none',
  'nil',
  'nan',
  'n/a',
  'na',
  'unknown',
  'anonymous',
  'guest',
  'true',
  'false',
  '0',
  '-1',
  '[object object]',
  '00000000-0000-0000-0000-000000000000',
])

/** Whether the value identifies nobody: what broken clients send for an unset id. */
export function isJunkIdentifier(raw: RawIdentifier, settings: WorkspaceSettings): boolean {
  const value = raw.value.trim().toLowerCase()
  const configured = settings.junkIdentifiers[raw.kind] ?? []
  return JUNK.has(value) || configured.some((junk) => junk.trim().toLowerCase() === value)
}
