import { isUuid } from '../../lib/ids.ts'
import { isStorableText } from '../../lib/text.ts'
import { CdpError } from '../../model/errors.ts'
import { COMPUTED_KINDS } from '../../model/computed.ts'
import { EVENT_FACTS, PROFILE_FACTS } from '../../model/export.ts'
import type { ComputedColumn, ExportColumn, ExportKind } from '../../model/export.ts'
import { IDENTIFIER_KINDS } from '../../model/identity.ts'
import type { IdentifierKind } from '../../model/identity.ts'

/** What a file holds where nobody says which columns it is to have; everything that there is, but for repetitions. */
const DEFAULT_FIELDS: Readonly<Record<ExportKind, readonly string[]>> = {
  profiles: [
    'profileId',
    ...Object.keys(IDENTIFIER_KINDS),
    'attributes',
    'tags',
    'consents',
    'createdAt',
    'updatedAt',
    'lastActivityAt',
  ],
  events: EVENT_FACTS,
}

/** The object of which single members can be columns. */
const MEMBERS_OF = { profiles: 'attributes', events: 'properties' } as const

/**
 * The columns that fields name, in their order; undefined names those that everything is in.
 * @throws CDP_BODY_INVALID a field that there is not, or that stands there twice
 */
export function readColumns(kind: ExportKind, fields: readonly string[] | undefined): ExportColumn[] {
  const names = fields ?? DEFAULT_FIELDS[kind]
  const seen = new Set<string>()
  return names.map((name, index) => {
    const column = columnOf(kind, name)
    if (!column) throw refused(index, name, `is no field of ${kind}`)
    if (seen.has(name)) throw refused(index, name, 'stands there twice')
    seen.add(name)
    return column
  })
}

function refused(index: number, name: string, problem: string): CdpError {
  return new CdpError('CDP_BODY_INVALID', { detail: `${name}: ${problem}`, pointer: `/fields/${index}` })
}

/** `aggregate.<id>` or `expression.<id>`. */
function computedOf(name: string): ComputedColumn | undefined {
  const [first = '', id = '', ...rest] = name.split('.')
  const kind = COMPUTED_KINDS.find((known) => known === first)
  return kind && rest.length === 0 && isUuid(id)
    ? { source: 'computed', name, kind, id: id.toLowerCase() }
    : undefined
}

function columnOf(kind: ExportKind, name: string): ExportColumn | undefined {
  const of = MEMBERS_OF[kind]
  const member = name.startsWith(`${of}.`) ? name.slice(of.length + 1) : ''
  if (member !== '') return isStorableText(member) ? { source: 'member', name, of, member } : undefined
  const computed = computedOf(name)
  if (kind === 'profiles' && computed) return computed
  if (kind === 'events') {
    const fact = EVENT_FACTS.find((known) => known === name)
    return fact && { source: 'event', name: fact }
  }
  if (Object.hasOwn(IDENTIFIER_KINDS, name)) return { source: 'identifier', name: name as IdentifierKind }
  const fact = PROFILE_FACTS.find((known) => known === name)
  return fact && { source: 'profile', name: fact }
}
