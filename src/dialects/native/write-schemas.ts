import { Type } from 'typebox'
import type { Static } from 'typebox'
import { CONSENT_CHANNELS, CONSENT_STATES } from '../../model/attributes.ts'
import { IDENTIFIER_KINDS } from '../../model/identity.ts'
import type { IdentifierKind } from '../../model/identity.ts'
import { idNumber } from '../../model/schema-parts.ts'

/** Bodies of the native API's writes. An unknown member is an error: a misspelt field must not vanish. */

const only = { additionalProperties: false }

/** Items of one request. */
const ITEMS_MAX = 1_000

/** Decimal text: amounts are never doubles. */
const decimal = () => Type.String({ pattern: '^-?\\d{1,30}(\\.\\d{1,30})?$' })

const values = () => Type.Record(Type.String(), Type.Unknown())

const identifier = Type.Object(
  {
    kind: Type.Enum(Object.keys(IDENTIFIER_KINDS) as IdentifierKind[]),
    value: Type.String(),
    label: Type.Optional(Type.String({ minLength: 1 })),
  },
  only,
)

/** Whom an item is about: identifiers, the most trusted first, or the id of a profile. */
const who = {
  identifiers: Type.Optional(Type.Array(identifier, { maxItems: 20 })),
  profileId: Type.Optional(idNumber()),
}

const consent = Type.Object(
  { channel: Type.Enum([...CONSENT_CHANNELS]), state: Type.Enum([...CONSENT_STATES]) },
  only,
)

const operator = Type.Union([
  Type.Object({ increment: Type.Number() }, only),
  Type.Object({ add: Type.Array(Type.Unknown()) }, only),
  Type.Object({ remove: Type.Array(Type.Unknown()) }, only),
])

/** What can be written about a profile. */
const facts = {
  attributes: Type.Optional(values()),
  operators: Type.Optional(Type.Record(Type.String(), operator)),
  consents: Type.Optional(Type.Array(consent, { maxItems: CONSENT_CHANNELS.length })),
  tags: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { maxItems: 1_000 })),
}

/** One profile of `POST /api/v1/profiles`. */
export const ProfileItem = Type.Object({ ...who, ...facts }, only)

const transaction = Type.Object(
  {
    orderId: Type.String({ minLength: 1 }),
    currency: Type.String({ pattern: '^[A-Z]{3}$' }),
    value: decimal(),
    revenue: Type.Optional(decimal()),
    discount: Type.Optional(decimal()),
    paymentMethod: Type.Optional(Type.String({ minLength: 1 })),
    lines: Type.Array(
      Type.Object(
        {
          sku: Type.String({ minLength: 1 }),
          name: Type.String(),
          quantity: decimal(),
          unitPrice: decimal(),
        },
        only,
      ),
      { maxItems: 1_000 },
    ),
  },
  only,
)

/** One event of `POST /api/v1/events`. */
export const EventItem = Type.Object(
  {
    ...who,
    name: Type.String({ minLength: 1 }),
    occurredAt: Type.Optional(Type.String()),
    sentAt: Type.Optional(Type.String()),
    messageId: Type.Optional(Type.String({ minLength: 1 })),
    properties: Type.Optional(values()),
    transaction: Type.Optional(transaction),
  },
  only,
)

/** Items are checked one by one, so that one bad item does not refuse its neighbours. */
export const ItemsBody = Type.Object(
  { items: Type.Array(Type.Unknown(), { minItems: 1, maxItems: ITEMS_MAX }) },
  only,
)

/** `PATCH /api/v1/profiles/:profileId`: a merge patch (RFC 7396) of what can be written; null removes an attribute. */
export const ProfilePatch = Type.Object(facts, only)

/** `DELETE /api/v1/profiles/:profileId` */
export const DeleteQuery = Type.Object(
  {
    mode: Type.Optional(
      Type.Enum(['delete', 'erase'], {
        description:
          '`delete` takes away the profile with all that belongs to it; `erase` also every copy of what was sent about the person, and answers with a receipt.',
      }),
    ),
    tombstone: Type.Optional(
      Type.Enum(['true', 'false'], {
        description: 'With `mode=erase`: later writes that name the person are ignored and leave no copy.',
      }),
    ),
  },
  only,
)

/** `POST /api/v1/profiles/merge` */
export const MergeBody = Type.Object(
  {
    from: idNumber(),
    into: idNumber(),
    dryRun: Type.Optional(Type.Boolean()),
  },
  only,
)

/** `POST /api/v1/rejections/:rejectionId/replay`: the item corrected, or nothing to send it as it was. */
export const ReplayBody = Type.Object({ item: Type.Optional(Type.Unknown()) }, only)

/** See {@link ReplayBody}. */
export type ReplayBody = Static<typeof ReplayBody>
/** See {@link ProfileItem}. */
export type ProfileItem = Static<typeof ProfileItem>
/** See {@link EventItem}. */
export type EventItem = Static<typeof EventItem>
/** See {@link ProfilePatch}. */
export type ProfilePatch = Static<typeof ProfilePatch>
/** See {@link DeleteQuery}. */
export type DeleteQuery = { mode?: 'delete' | 'erase'; tombstone?: 'true' | 'false' }
/** See {@link MergeBody}. */
export type MergeBody = Static<typeof MergeBody>
