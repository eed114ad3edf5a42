import type { Json } from '../../lib/json.ts'
import { toStorableText } from '../../lib/text.ts'
import type { Instant } from '../../lib/time.ts'
import { STANDARD_ATTRIBUTES } from '../../model/attributes.ts'
import type { WorkspaceSettings } from '../../model/workspace.ts'
import type { SearchRow } from '../../storage/profile-search.ts'
import { normalizeIdentifier } from '../identity/index.ts'

/** Characters of a text by which profiles are sorted: it is a key of indexes. */
const LENGTH_MAX = 255

/** What a profile is found by. A phone number is in its normal form, so that every spelling finds it. */
export function searchRowOf(
  profile: { workspaceId: number; profileId: number; createdAt: Instant; attributes: Record<string, Json> },
  settings: WorkspaceSettings,
): SearchRow {
  const { workspaceId, profileId, createdAt, attributes } = profile
  const text = (name: string): string | null => searchable(attributes[name])
  const shown = ['firstName', 'lastName', 'email', 'phone', 'company'].map(text)
  const phone = text('phone')
  return {
    workspaceId,
    profileId,
    createdAt,
    firstName: text('firstName'),
    lastName: text('lastName'),
    email: text('email'),
    phone: phone === null ? null : phoneKey(phone, settings),
    city: text('city'),
    company: text('company'),
    searchText: [...shown, ...customTexts(attributes)]
      .map((part) => (part === null ? '' : ` ${part}`))
      .join(''),
  }
}

/** A longer text of a custom attribute is no name and no number. */
const CUSTOM_LENGTH_MAX = 100

/** So much of custom attributes is found by a search. */
const CUSTOM_TOTAL_MAX = 1_000

const DATE = /^\d{4}-\d{2}-\d{2}/

const STANDARD_NAMES = new Set<string>(STANDARD_ATTRIBUTES)

/** Texts of custom attributes, up to a limit: whoever changes a number or a date changes nothing that is searched. */
function customTexts(attributes: Readonly<Record<string, Json>>): string[] {
  const texts: string[] = []
  let total = 0
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value !== 'string' || value.length > CUSTOM_LENGTH_MAX || DATE.test(value)) continue
    const text = STANDARD_NAMES.has(name) ? null : searchable(value)
    if (text === null || total + text.length > CUSTOM_TOTAL_MAX) continue
    texts.push(text)
    total += text.length
  }
  return texts
}

/** A phone number as lists are filtered by: E.164 where it is one. */
export function phoneKey(text: string, settings: WorkspaceSettings): string {
  const normalized = normalizeIdentifier({ kind: 'phone', value: text }, settings)
  return normalized.outcome === 'usable' ? normalized.identifier.value : text
}

/** A text as lists compare it: lower case, cut; null when the value is no text. */
export function searchable(value: Json | undefined): string | null {
  if (typeof value !== 'string' || value === '') return null
  return toStorableText(value.slice(0, LENGTH_MAX)).toLowerCase()
}
