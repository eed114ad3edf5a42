import { Type } from 'typebox'
import type { Static } from 'typebox'
import { idNumber } from '../../model/schema-parts.ts'

/**
 * Shapes of the bodies.
 * @source vendor page "User profile import" and reference 3 (read November 2026)
 */

const apptoken = Type.String({ minLength: 1, description: 'The token of the app.' })

/** @assumed no bound of columns, of lists (1,000 objects, 20 conditions) and of names of events (255) is printed */
const COLUMNS_MAX = 1_000

const flag = (description: string) =>
  Type.Optional(
    Type.Union([Type.Boolean(), Type.Enum([0, 1, '0', '1', 'true', 'false']), Type.Null()], { description }),
  )

/** Body of `import/profile`. */
export const ImportBody = Type.Object({
  apptoken,
  columns: Type.Array(Type.String({ minLength: 1, maxLength: 255 }), {
    minItems: 1,
    maxItems: COLUMNS_MAX,
    description: 'Names of system fields and of attributes; one of them is user_id, device_id or email.',
  }),
  rows: Type.Array(Type.Array(Type.Unknown()), {
    minItems: 1,
    description: 'Cells in the order of columns.',
  }),
  async: flag('Whether the rows are stored behind the answer; from 100 rows on where it is left out.'),
})

const condition = Type.Optional(
  Type.Array(Type.Array(Type.Unknown(), { minItems: 3, maxItems: 3 }), {
    maxItems: 20,
    description: 'Triples of field, operator and value; all of them must hold.',
  }),
)

const paging = {
  condition,
  select: Type.Optional(Type.Array(Type.String(), { description: 'Fields to answer; all where left out.' })),
  order: Type.Optional(Type.Array(Type.String(), { maxItems: 1, description: 'Field and ASC or DESC.' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, description: 'At most so many; 100.' })),
  offset: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000_000, description: 'After so many.' })),
}

/** Body of every `list` method. */
export const ListBody = Type.Object({ apptoken, ...paging })

/** Body of `info/task`. */
export const InfoBody = Type.Object({
  apptoken,
  id: Type.Union([idNumber(), Type.String({ pattern: '^[0-9]{1,16}$' })], { description: 'The task.' }),
  select: paging.select,
})

const EVENT_LENGTH_MAX = 255

const event = {
  user_id: Type.Union([Type.String(), Type.Number()], {
    description: 'Who did it; an unknown user is made.',
  }),
  event: Type.String({ minLength: 1, maxLength: EVENT_LENGTH_MAX, description: 'The name of the event.' }),
  value: Type.Optional(Type.Unknown({ description: 'A text, a number or an object.' })),
  user_attributes: Type.Optional(
    Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()], {
      description: 'Attributes of the user, set before the event.',
    }),
  ),
  timestamp: Type.Optional(
    Type.Union([Type.String(), Type.Null()], {
      description: 'YYYY-MM-DD HH:MM:SS, in UTC unless an offset follows.',
    }),
  ),
  consent_preferences: Type.Optional(Type.Unknown({ description: 'Not stored; the ledger says so.' })),
}

/** One event, alone in a body or in a batch. */
export const EventSchema = Type.Object(event)

/** Body of `hit/event`: one event, or `events`. */
export const EventBody = Type.Object({
  apptoken,
  ...Object.fromEntries(Object.entries(event).map(([name, schema]) => [name, Type.Optional(schema)])),
  events: Type.Optional(
    Type.Array(Type.Unknown(), { minItems: 1, description: 'Many events; each stands for itself.' }),
  ),
})

/** See {@link ImportBody}. */
export type ImportBody = Static<typeof ImportBody>
/** See {@link ListBody}. */
export type ListBody = Static<typeof ListBody>
/** See {@link InfoBody}. */
export type InfoBody = Static<typeof InfoBody>
/** See {@link EventSchema}. */
export type Event = Static<typeof EventSchema>
