import { Type } from 'typebox'
import type { TObject, TSchema } from 'typebox'

/*
 * Shapes of answers. They describe what the functions that show things make: the contract tests hold every answer against them, the
 * OpenAPI document has them, and the types of the sdk are made of it. Nothing is serialized by them.
 */

/** Any text. */
export const text = () => Type.String()

/** A list of texts. */
export const texts = () => Type.Array(Type.String())

/** RFC 3339 in UTC with milliseconds. */
export const time = () => Type.String({ format: 'date-time' })

/** The id of what is named by a UUID. */
export const uuid = () => Type.String({ format: 'uuid' })

/** The id of what is numbered. */
export const id = () => Type.Integer({ minimum: 1 })

/** How many. */
export const count = () => Type.Integer({ minimum: 0 })

/** What may be missing. */
export const orNull = (schema: TSchema) => Type.Union([schema, Type.Null()])

/** Any JSON object. */
export const object = () => Type.Record(Type.String(), Type.Unknown())

/** A shape that the document names. */
export const refTo = (name: string) => Type.Ref(`#/components/schemas/${name}`)

/** Part of a list; `nextCursor` asks for the next part and is null in the last one. */
export function pageOf(item: TSchema, more: Record<string, TSchema> = {}): TObject {
  return Type.Object({ items: Type.Array(item), nextCursor: orNull(text()), ...more })
}

/** Who wrote something, and when. */
export const written = {
  createdAt: time(),
  createdBy: text(),
  updatedAt: time(),
  updatedBy: text(),
}
