/** Shapes of what the native API answers. */
import { Type } from 'typebox'
import type { TSchema } from 'typebox'
import { ACCESS_ANSWERS, ACCESS_SCHEMAS } from './access.ts'
import { text } from './parts.ts'
import { PEOPLE_ANSWERS, PEOPLE_SCHEMAS } from './people.ts'
import { WORK_ANSWERS, WORK_SCHEMAS } from './work.ts'

/** RFC 9457. @source errors.ts */
const Problem = Type.Object({
  type: text(),
  title: text(),
  status: Type.Integer(),
  code: text(),
  detail: text(),
  traceId: text(),
  errors: Type.Optional(Type.Array(Type.Object({ pointer: text(), detail: text() }))),
})

const ANSWERS: Readonly<Record<string, TSchema>> = { ...PEOPLE_ANSWERS, ...WORK_ANSWERS, ...ACCESS_ANSWERS }

/** The shapes that the document names, by name. */
export const ANSWER_SCHEMAS: Readonly<Record<string, TSchema>> = {
  ...PEOPLE_SCHEMAS,
  ...WORK_SCHEMAS,
  ...ACCESS_SCHEMAS,
  Problem,
}

/** The schema of a body that an operation answers with; undefined where there is none, or it is no JSON. */
export function answerSchemaOf({ id }: { id: string }, status: number): TSchema | undefined {
  if (status === 204) return undefined
  return status < 300 ? ANSWERS[id] : Type.Ref('#/components/schemas/Problem')
}
