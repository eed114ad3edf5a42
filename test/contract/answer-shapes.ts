import { Ajv } from 'ajv'
import type { ValidateFunction } from 'ajv'
import { expect } from 'vitest'
import type { Dialect } from '../../src/dialects/index.ts'

/** What came back, as far as its shape goes. */
interface Answered {
  status: number
  body: unknown
}

// Stricter than the formats of JSON Schema: every instant is UTC with milliseconds.
const ajv = new Ajv({
  strict: false,
  formats: {
    'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
    uuid: /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/,
  },
})

const compiled = new Map<string, ValidateFunction>()

/**
 * Holds an answer against the schema that the OpenAPI document has for it: every member that must be there is, of its type, and no
 * other one. A body without a schema, or a schema without a body, fails. Dialects that declare none are passed by.
 */
export function expectDeclaredShape(
  { name, operations, documentation }: Dialect,
  id: string,
  { status, body }: Answered,
): void {
  const operation = operations.find((candidate) => candidate.id === id)
  if (!operation || !documentation.answerSchemaOf) return
  if (status < 300 && documentation.files?.includes(id)) return
  const schema = documentation.answerSchemaOf(operation, status)
  // A text may be empty and be what was declared.
  if (schema === undefined || (body === '' && Reflect.get(schema, 'type') !== 'string')) {
    expect([id, status, body, schema]).toEqual([id, status, '', undefined])
    return
  }
  const place = `${name} ${id} ${status}`
  const isValid =
    compiled.get(place) ?? ajv.compile(closed({ ...schema, components: { schemas: documentation.schemas } }))
  compiled.set(place, isValid)
  isValid(body)
  expect(isValid.errors, `${place}: ${JSON.stringify(body)}`).toBeNull()
}

/** The schema without room for members that it does not list; a schema that says what others may be keeps it. */
function closed(schema: unknown): object {
  return JSON.parse(JSON.stringify(schema), (_key, value: unknown) => {
    if (value === null || typeof value !== 'object' || !('properties' in value)) return value
    return { additionalProperties: false, ...value }
  }) as object
}
