import type { FastifySchema, RouteOptions } from 'fastify'
import { CdpError } from '../../model/errors.ts'
import type { Describable, DescribedOperation, Tag } from './describable.ts'

/** An operation together with what its route checks: the one source of everything that the document says of it. */
export interface Described {
  operation: DescribedOperation
  body: object | undefined
  querystring: object | undefined
  /** The body is a file that is read as it comes. */
  isUpload: boolean
  /** Media types of the body. */
  consumes: readonly string[]
  /** A write that is stored once under its Idempotency-Key. */
  isKeyed: boolean
}

/**
 * What a route is in the document.
 * @returns undefined for another spelling of a path that the table has, or another method of it
 * @throws CDP_INVARIANT_BROKEN a route that the operation table does not know: it would be left out silently
 */
export function describeRoute(dialect: Describable, route: RouteOptions): Described | undefined {
  const operation = dialect.operations.find(({ id }) => id === route.config?.operation)
  if (!operation) throw new CdpError('CDP_INVARIANT_BROKEN', { cause: `no operation for ${route.url}` })
  if (operation.path !== route.url || operation.method !== route.method) return undefined
  const { body, querystring } = (route.schema ?? {}) as { body?: object; querystring?: object }
  const { method, id, open } = operation
  const isWrite = method !== 'GET' && !open
  const { uploads } = route.config ?? {}
  return {
    operation,
    body: uploads ? UPLOADED : body && withItems(body, route.config?.itemSchema),
    isUpload: uploads !== undefined,
    consumes: uploads ?? (method === 'PATCH' ? [JSON_TYPE, 'application/merge-patch+json'] : [JSON_TYPE]),
    querystring,
    isKeyed: isWrite && !dialect.documentation.unkeyed.includes(id),
  }
}

const JSON_TYPE = 'application/json'

/** A body that is read as it comes. */
const UPLOADED = { type: 'string', description: 'A file; it may be as large as the server takes.' }

/** The body of a route that checks its items one by one, with the schema of an item in its place. */
function withItems(body: object, itemSchema: object | undefined): object {
  if (!itemSchema) return body
  if ('items' in body) return { ...body, items: itemSchema }
  const { properties = {} } = body as { properties?: Record<string, object> }
  const lists = Object.entries(properties).map(([name, member]) => [name, withItems(member, itemSchema)])
  return { ...body, properties: Object.fromEntries(lists) }
}

/** The schema of a route with the words of the operation table, as the generator takes it. */
export function toRouteSchema(dialect: Describable, { operation, ...described }: Described): FastifySchema {
  const { id, title, path, open } = operation
  const { securitySchemes, securityOf } = dialect.documentation
  const schemes = securityOf?.(operation) ?? Object.keys(securitySchemes)
  const headers = headersOf(dialect, operation, described.isKeyed)
  const params = paramsOf(dialect, path)
  return {
    operationId: id,
    summary: title,
    ...(operation.deprecated && { deprecated: true }),
    tags: [tagOf(dialect, operation).name],
    security: open ? [] : schemes.map((name) => ({ [name]: [] })),
    consumes: [...described.consumes],
    ...(described.body && { body: described.body }),
    ...(described.querystring && { querystring: described.querystring }),
    ...(Object.keys(headers.properties).length > 0 && { headers }),
    ...(params && { params }),
  }
}

/** @throws CDP_INVARIANT_BROKEN the dialect documents no tag for it */
function tagOf({ documentation }: Describable, { id, path }: DescribedOperation): Tag {
  const tag = documentation.tags.find(({ paths }) => paths.test(path))
  if (!tag) throw new CdpError('CDP_INVARIANT_BROKEN', { cause: `no tag for the operation ${id}` })
  return tag
}

const IDEMPOTENCY_KEY = {
  type: 'string',
  minLength: 1,
  maxLength: 255,
  description: 'Stores the write once, however often it is sent within 7 days; repeats get the first answer.',
  examples: ['order-1001'],
}

function headersOf(
  { documentation }: Describable,
  operation: DescribedOperation,
  isKeyed: boolean,
): { type: 'object'; properties: Record<string, object>; required: string[] } {
  const headers = Object.entries(documentation.headersOf(operation))
  const own = headers.map(([name, { description, example }]) => {
    return [name, { type: 'string', description, examples: [example] }] as const
  })
  return {
    type: 'object',
    properties: { ...Object.fromEntries(own), ...(isKeyed && { 'Idempotency-Key': IDEMPOTENCY_KEY }) },
    required: headers.filter(([, { required }]) => required).map(([name]) => name),
  }
}

/** @throws CDP_INVARIANT_BROKEN the dialect does not say what a parameter is */
function paramsOf({ documentation }: Describable, path: string): object | undefined {
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => name)
  if (names.length === 0) return undefined
  const describe = (name: string): object => {
    const description = documentation.params[name]
    if (description === undefined)
      throw new CdpError('CDP_INVARIANT_BROKEN', { cause: `no words for ${name}` })
    return { type: 'string', minLength: 1, description }
  }
  const properties = Object.fromEntries(names.map((name) => [name, describe(name)]))
  return { type: 'object', properties, required: names }
}
