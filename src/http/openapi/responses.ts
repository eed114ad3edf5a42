import { STATUS_CODES } from 'node:http'
import { CdpError, ERRORS } from '../../model/errors.ts'
import type { ErrorCode } from '../../model/errors.ts'
import type { Describable, DescribedOperation, Example } from './describable.ts'
import { EXAMPLE_INSTANT, EXAMPLE_TRACE_ID } from './examples.ts'
import type { Described } from './operation.ts'

/** A response of an operation in the document. */
export interface Response {
  description: string
  headers?: Record<string, object>
  content?: Record<string, { schema?: object; examples: Record<string, NamedExample> }>
}

/** An example in the document. */
export interface NamedExample {
  summary: string
  value: unknown
}

/** One body that an operation may answer with. */
interface Answer extends NamedExample {
  status: number
  name: string
}

/**
 * The answers of an operation by status: those that its examples got, and the refusals that follow from what it
 * reads, each in the dialect's own shape.
 */
export function responsesOf(
  dialect: Describable,
  described: Described,
  examples: readonly Example[],
): Record<string, Response> {
  const answers = [
    ...examples.map(toAnswer),
    ...refusalsOf(dialect, described).map((code) => toRefusal(dialect, code, examples[0], described)),
  ]
  const { operation } = described
  const alone = operation.succeedsWith === undefined ? [] : [operation.succeedsWith]
  const statuses = [...new Set([...alone, ...answers.map(({ status }) => status)])].sort((a, b) => a - b)
  return Object.fromEntries(
    statuses.map((status) => {
      const own = answers.filter((answer) => answer.status === status)
      return [status, toResponse(dialect, operation, status, own)]
    }),
  )
}

function toAnswer({ name, answer }: Example): Answer {
  return { status: answer.status, name: slugOf(name), summary: name, value: answer.body }
}

/** A name of the form that OpenAPI asks of keys. */
export function slugOf(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9]+/g, '-').replaceAll(/^-|-$/g, '')
}

/** Codes of the error table that the operation can be refused with. */
function refusalsOf({ documentation }: Describable, described: Described): ErrorCode[] {
  const { operation, body, isUpload, querystring, isKeyed } = described
  const codes: ErrorCode[] = []
  if (querystring) codes.push('CDP_QUERY_INVALID')
  if (body && !isUpload) codes.push('CDP_BODY_UNPARSABLE')
  if (body) codes.push('CDP_BODY_TOO_LARGE', 'CDP_MEDIA_TYPE_UNSUPPORTED')
  if (!operation.open) codes.push('CDP_KEY_MISSING')
  if (isKeyed) {
    codes.push('CDP_IDEMPOTENCY_KEY_INVALID', 'CDP_IDEMPOTENCY_IN_FLIGHT', 'CDP_IDEMPOTENCY_MISMATCH')
  }
  codes.push(...documentation.refusalsOf(operation), 'CDP_INTERNAL')
  // Only an operation that knows neither caller nor body never asks the storage.
  if (!operation.open || body) codes.push('CDP_STORAGE_UNAVAILABLE')
  return [...new Set(codes)]
}

function toRefusal(
  dialect: Describable,
  code: ErrorCode,
  example: Example | undefined,
  { operation }: Described,
): Answer {
  const { exampleValues } = dialect.documentation
  const values = { ...exampleValues, ...example?.request.params }
  const path = operation.path.replaceAll(/:(\w+)/g, (_match, name: string) => String(values[name] ?? 1))
  const context = { traceId: EXAMPLE_TRACE_ID, path, at: EXAMPLE_INSTANT, body: undefined }
  const { status, body } = dialect.errorAnswer(new CdpError(code), context)
  return { status, name: code, summary: ERRORS[code].message, value: body }
}

const RETRY_AFTER = {
  'Retry-After': { description: 'Seconds to wait before a retry.', schema: { type: 'integer', minimum: 1 } },
}

const DEPRECATION = {
  Deprecation: {
    description: 'Since when clients should leave it (RFC 9745).',
    schema: { type: 'string', pattern: '^@[0-9]+$' },
  },
}

const LINK = {
  Link: { description: 'What takes its place: `rel="successor-version"`.', schema: { type: 'string' } },
}

function headersOf({ deprecated }: DescribedOperation, status: number): Record<string, object> {
  return {
    ...((status === 429 || status === 503) && RETRY_AFTER),
    ...(deprecated && DEPRECATION),
    ...(deprecated?.successor !== undefined && LINK),
  }
}

function toResponse(
  { documentation }: Describable,
  operation: DescribedOperation,
  status: number,
  answers: readonly Answer[],
): Response {
  const type = (status >= 400 && documentation.errorMediaType) || 'application/json'
  const shown = answers.filter(({ value }) => value !== '' && value !== undefined)
  const examples = shown.map(({ name, summary, value }) => [name, { summary, value }] as const)
  const schema = documentation.answerSchemaOf?.(operation, status)
  const content = { ...(schema && { schema }), examples: Object.fromEntries(examples) }
  const headers = headersOf(operation, status)
  return {
    description: STATUS_CODES[status] ?? String(status),
    ...(Object.keys(headers).length > 0 && { headers }),
    ...(examples.length > 0 && { content: { [type]: content } }),
  }
}
