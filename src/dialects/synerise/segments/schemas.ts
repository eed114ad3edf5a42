import { Type } from 'typebox'
import type { Static } from 'typebox'
import { STORABLE_PATTERN } from '../../../lib/text.ts'
import { CompanyListQuery, ContactListQuery, MemberListQuery } from '../crm/schemas.ts'

/** Shapes of the operations on segments. @source reference chapter 3 */

const uuid = () => Type.String({ pattern: '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' })

const { limit, offset, recognized, search } = ContactListQuery.properties

/** @assumed no maximum is printed; an export has at most so many computed columns */
const COMPUTED_MAX = 50

/** @assumed no maximum is printed */
const FIELDS_MAX = 500

const computed = () => Type.Optional(Type.Array(uuid(), { maxItems: COMPUTED_MAX }))

/** What an export holds. @assumed lengths and numbers: none is printed */
export const ExportBody = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 255, pattern: STORABLE_PATTERN }),
  fields: Type.Array(Type.String({ minLength: 1, maxLength: 255, pattern: STORABLE_PATTERN }), {
    maxItems: FIELDS_MAX,
  }),
  agreementFilter: Type.Enum(['NONE', 'RECOGNIZED', 'ANONYMOUS']),
  segmentationHash: uuid(),
  expressions: computed(),
  aggregates: computed(),
  excludedIds: Type.Array(Type.Unknown(), { maxItems: 0 }),
})

/** See {@link ExportBody}. */
export type ExportBody = Static<typeof ExportBody>

/** A part of the rows. */
export const PageQuery = MemberListQuery

/** See {@link PageQuery}. */
export type PageQuery = MemberListQuery

/** Query of the list of a local segmentation's profiles. */
export const LocalListQuery = Type.Object({ limit, offset, recognized, search })

/** Query of the list of a segmentation's profiles. */
export const SegmentationListQuery = ContactListQuery

/** Query of the making of a local segmentation. */
export const RecognizedQuery = Type.Object({ recognized: CompanyListQuery.properties.recognized })

/** See {@link RecognizedQuery}. */
export type RecognizedQuery = Static<typeof RecognizedQuery>

/** A request to the vendor's analytics, whose members are not public: core reads it as a definition of its own. */
export const SegmentationBody = Type.Object({}, { additionalProperties: true })

/** The segment of a materialization. */
export const MaterializationBody = Type.Object({ segment: uuid() })

/** See {@link MaterializationBody}. */
export type MaterializationBody = Static<typeof MaterializationBody>
