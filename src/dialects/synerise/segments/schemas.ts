import { Type } from 'typebox'
import { CompanyListQuery, ContactListQuery } from '../crm/schemas.ts'

/** Shapes of the operations on segments. They are documented; nothing is held against them yet. @source reference chapter 3 */

const uuid = () => Type.String({ format: 'uuid' })

const { limit, offset, recognized, search } = ContactListQuery.properties

/** What an export holds. */
export const ExportBody = Type.Object({
  name: Type.String({ minLength: 1 }),
  fields: Type.Array(Type.String()),
  agreementFilter: Type.Enum(['NONE', 'RECOGNIZED', 'ANONYMOUS']),
  segmentationHash: uuid(),
  expressions: Type.Optional(Type.Array(uuid())),
  aggregates: Type.Optional(Type.Array(uuid())),
  excludedIds: Type.Array(Type.Unknown(), { maxItems: 0 }),
})

/** A part of the rows. */
export const PageQuery = Type.Object({ limit, offset })

/** Query of the list of a local segmentation's profiles. */
export const LocalListQuery = Type.Object({ limit, offset, recognized, search })

/** Query of the list of a segmentation's profiles. */
export const SegmentationListQuery = ContactListQuery

/** Query of the making of a local segmentation. */
export const RecognizedQuery = Type.Object({ recognized: CompanyListQuery.properties.recognized })

/** A request to the vendor's analytics; its members are not public. */
export const SegmentationBody = Type.Object({}, { additionalProperties: true })

/** The segment of a materialization. */
export const MaterializationBody = Type.Object({ segment: uuid() })
