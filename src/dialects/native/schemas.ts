import { Type } from 'typebox'
import type { Static } from 'typebox'
import { AGGREGATES } from '../../core/events/index.ts'
import { PROFILE_SORTS } from '../../core/profiles/index.ts'
import { HISTORY_STEPS } from '../../core/statistics/index.ts'
import type { HistoryStep } from '../../core/statistics/index.ts'
import { IDENTIFIER_KINDS } from '../../model/identity.ts'
import type { IdentifierKind } from '../../model/identity.ts'
import { STORABLE_PATTERN } from '../../lib/text.ts'

/** Queries of the native API. An unknown parameter is an error: a misspelt filter must not widen a result. */

const only = { additionalProperties: false }

// PostgreSQL takes no NUL in a text, and no stored text has one.
const text = (maxLength = 255, description?: string) =>
  Type.String({ minLength: 1, maxLength, pattern: STORABLE_PATTERN, ...(description && { description }) })

const optionalText = () => Type.Optional(text())

const oneOf = <Name extends string>(names: readonly Name[]) =>
  Type.Union(names.map((name) => Type.Literal(name)))

const KINDS = Object.keys(IDENTIFIER_KINDS) as IdentifierKind[]

const STEPS = Object.keys(HISTORY_STEPS) as HistoryStep[]

const paging = {
  limit: Type.Optional(Type.String({ pattern: '^[0-9]{1,4}$' })),
  cursor: Type.Optional(text(512)),
}

const range = { from: optionalText(), to: optionalText() }

/** `GET /api/v1/profiles/lookup` */
export const LookupQuery = Type.Object(
  { kind: oneOf(KINDS), value: text(1_024), label: optionalText() },
  only,
)

/** `GET /api/v1/profiles/:profileId/events` */
export const EventListQuery = Type.Object({ ...paging, ...range, name: optionalText() }, only)

/** `GET /api/v1/events/aggregate` */
export const AggregateQuery = Type.Object(
  { ...range, name: text(), fn: oneOf(AGGREGATES), property: Type.Optional(text(1_024)) },
  only,
)

/** `GET /api/v1/events/names` */
export const EventNameListQuery = Type.Object(
  { ...paging, dialect: optionalText(), search: optionalText() },
  only,
)

/** `GET /api/v1/stats/history` */
export const HistoryQuery = Type.Object(
  {
    from: Type.Optional(text(64, 'The beginning, a day before `to` when left out: RFC 3339.')),
    to: Type.Optional(text(64, 'The end, which is not in it; now when left out.')),
    step: Type.Optional(
      Type.Union(
        STEPS.map((step) => Type.Literal(step)),
        { description: 'The length of a step; when left out, the shortest that gives at most some 500.' },
      ),
    ),
  },
  only,
)

/** `GET /api/v1/rejections` */
export const RejectionListQuery = Type.Object(
  { ...paging, ...range, dialect: optionalText(), reason: optionalText() },
  only,
)

/** A list without filters. */
export const PageQuery = Type.Object(paging, only)

/** A list inside a range of time. */
export const RangeQuery = Type.Object({ ...paging, ...range }, only)

/** So many profiles are read by their ids at once: a page of a list that has only ids, in one request. */
export const PROFILE_IDS_MAX = 100

/** Digits of the largest id, and a comma. */
const PROFILE_ID_LENGTH_MAX = 17

/** `GET /api/v1/profiles` */
export const ProfileListQuery = Type.Object(
  {
    ...paging,
    ids: Type.Optional(
      text(
        PROFILE_ID_LENGTH_MAX * PROFILE_IDS_MAX,
        `Up to ${PROFILE_IDS_MAX} ids of profiles, separated by commas: each is answered once, in this order. Of an id that was merged away comes whom it was merged into, with \`mergedFrom\`; of one that there is not, nothing. No other parameter stands beside it.`,
      ),
    ),
    search: optionalText(),
    firstName: optionalText(),
    lastName: optionalText(),
    email: optionalText(),
    phone: optionalText(),
    city: optionalText(),
    company: optionalText(),
    isCompany: Type.Optional(Type.Literal('true')),
    companyId: optionalText(),
    hasEmail: Type.Optional(oneOf(['true', 'false'])),
    sort: Type.Optional(oneOf(PROFILE_SORTS)),
    order: Type.Optional(oneOf(['asc', 'desc'])),
  },
  only,
)

/** `GET /api/v1/attributes` */
export const AttributeListQuery = Type.Object(
  {
    ...paging,
    target: Type.Optional(oneOf(['profile', 'event'])),
    eventName: optionalText(),
    search: optionalText(),
    conflict: Type.Optional(Type.Literal('true')),
  },
  only,
)

/** `GET /api/v1/stream` */
export const StreamQuery = Type.Object(
  {
    dialect: optionalText(),
    name: optionalText(),
    outcome: Type.Optional(oneOf(['accepted', 'rejected'])),
    follow: Type.Optional(oneOf(['true', 'false'])),
  },
  only,
)

/** A query without parameters. */
export const NoQuery = Type.Object({}, only)

/** See {@link AttributeListQuery}. */
export type AttributeListQuery = Static<typeof AttributeListQuery> & { target?: string }
/** See {@link HistoryQuery}. */
export type HistoryQuery = Static<typeof HistoryQuery> & { step?: HistoryStep }
/** See {@link StreamQuery}. */
export type StreamQuery = Static<typeof StreamQuery> & { outcome?: 'accepted' | 'rejected' }
/** See {@link RangeQuery}. */
export type RangeQuery = Static<typeof RangeQuery>
/** See {@link ProfileListQuery}. */
export type ProfileListQuery = Static<typeof ProfileListQuery> & {
  sort?: (typeof PROFILE_SORTS)[number]
  order?: 'asc' | 'desc'
}
/** See {@link PageQuery}. */
export type PageQuery = Static<typeof PageQuery>
/** See {@link LookupQuery}. */
export type LookupQuery = Static<typeof LookupQuery> & { kind: IdentifierKind }
/** See {@link EventListQuery}. */
export type EventListQuery = Static<typeof EventListQuery>
/** See {@link EventNameListQuery}. */
export type EventNameListQuery = Static<typeof EventNameListQuery>
/** See {@link AggregateQuery}. */
export type AggregateQuery = Static<typeof AggregateQuery> & { fn: (typeof AGGREGATES)[number] }
/** See {@link RejectionListQuery}. */
export type RejectionListQuery = Static<typeof RejectionListQuery>
