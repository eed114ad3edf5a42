import type { FastifyRequest } from 'fastify'
import type { TSchema } from 'typebox'
import { escapePointer } from '../lib/json.ts'
import type { Notice } from '../model/command.ts'
import { CdpError } from '../model/errors.ts'
import { describeViolations } from './validation.ts'
import type { Violation } from './validation.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Schema of each item of a body whose items are checked one by one; the OpenAPI document shows it. */
    itemSchema?: TSchema
  }
}

/**
 * A check of single items against the route's `itemSchema`, so that one bad item does not refuse its neighbours.
 * @returns what gives the refusal of an item, or undefined when the item is right
 */
export function itemCheckOf(
  request: FastifyRequest,
): (item: unknown, pointer: string) => CdpError | undefined {
  const { itemSchema } = request.routeOptions.config
  if (!itemSchema) throw new CdpError('CDP_INVARIANT_BROKEN', { cause: 'a route without itemSchema' })
  return checkOf(request, itemSchema)
}

/**
 * A check of values against a schema; the schema is compiled once a route.
 * @returns what gives the refusal of a value, or undefined when it is right
 */
export function checkOf(
  request: FastifyRequest,
  schema: TSchema,
): (value: unknown, pointer: string) => CdpError | undefined {
  const validate = request.compileValidationSchema(schema)
  return (value, pointer) => {
    if (validate(value)) return undefined
    const { detail, pointer: inside } = describeViolations((validate.errors ?? []) as Violation[])
    return new CdpError('CDP_BODY_INVALID', { pointer: pointer + inside, detail })
  }
}

/** Unknown members of one object that are noted one by one; a sender with more of them is not a client of this API. */
const UNKNOWN_MAX = 1_000

/** Members of an object that a contract does not know: ignored, and noted. @throws CDP_BODY_INVALID too many of them */
export function unknownFields(item: object, known: object, pointer: string): Notice[] {
  const unknown = Object.keys(item).filter((name) => !Object.hasOwn(known, name))
  if (unknown.length > UNKNOWN_MAX)
    throw new CdpError('CDP_BODY_INVALID', { pointer, detail: 'has too many unknown members' })
  return unknown.map((name) => ({ reason: 'field_unknown', pointer: `${pointer}/${escapePointer(name)}` }))
}
