/**
 * The kinds of identifier. The number is what storage keeps; it is never reused.
 * `many: false` means that a profile holds one of its own: setting another frees the old value.
 */
export const IDENTIFIER_KINDS = {
  userId: { code: 1, many: false },
  email: { code: 2, many: false },
  phone: { code: 3, many: false },
  uuid: { code: 4, many: true },
  anonymousId: { code: 5, many: true },
  deviceId: { code: 6, many: true },
  alias: { code: 7, many: true },
} as const satisfies Record<string, { code: number; many: boolean }>

/** A kind of identifier, in the product's words; dialects translate their vendor's names to it. */
export type IdentifierKind = keyof typeof IDENTIFIER_KINDS

/** An identifier in its normal form: two spellings of one value are one identifier. */
export interface Identifier {
  kind: IdentifierKind
  value: string
}

/** An identifier as stored with its profile. `firstSeenAt` is epoch milliseconds. */
export interface HeldIdentifier extends Identifier {
  source: string
  firstSeenAt: number
  isPrimary: boolean
}

const KIND_OF_CODE = new Map<number, IdentifierKind>(
  Object.entries(IDENTIFIER_KINDS).map(([kind, { code }]) => [code, kind as IdentifierKind]),
)

/** The kind that storage keeps under this number. Throws on a number that no version ever wrote. */
export function identifierKindOf(code: number): IdentifierKind {
  const kind = KIND_OF_CODE.get(code)
  if (!kind) throw new RangeError(`identifier kind ${code} is not known`)
  return kind
}

/** The key of an identifier inside one workspace, for maps and for locks in memory. */
export function identifierKey(identifier: Identifier): string {
  return `${IDENTIFIER_KINDS[identifier.kind].code}:${identifier.value}`
}
