import { Type } from 'typebox'
import type { Static } from 'typebox'
import { TAG_NAME_LENGTH_MAX } from '../../../core/tags/index.ts'

// Both cases of hexadecimal digits. @source reference 0.17
const color = Type.Optional(Type.Union([Type.String({ pattern: '^#[0-9a-fA-F]{6}$' }), Type.Null()]))

/** A tag to make; unknown fields are ignored. @source reference, Create a tag */
export const TagBody = Type.Object({
  name: Type.String({ minLength: 1, maxLength: TAG_NAME_LENGTH_MAX }),
  color,
})

/** What can change about a tag; a name is ignored. @source reference, Update a tag */
export const TagColorBody = Type.Object({ color })

/** See {@link TagBody}. */
export type TagBody = Static<typeof TagBody>

/** See {@link TagColorBody}. */
export type TagColorBody = Static<typeof TagColorBody>
