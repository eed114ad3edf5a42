import { readFileSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { Ajv } from 'ajv'
import Fastify from 'fastify'
import type { FastifyInstance, RouteOptions } from 'fastify'
import { CdpError } from '../../model/errors.ts'
import type { Services } from '../services.ts'
import { FORM } from '../upload.ts'
import type { Describable, Example } from './describable.ts'
import { withExampleValues } from './examples.ts'
import { describeRoute, toRouteSchema } from './operation.ts'
import type { Described } from './operation.ts'
import { responsesOf, slugOf } from './responses.ts'
import type { NamedExample, Response } from './responses.ts'

/** An OpenAPI 3.1 document, as far as this file touches it. */
export interface OpenApiDocument {
  openapi: string
  info: object
  tags: { name: string }[]
  paths: Record<string, Record<string, DocumentOperation>>
}

/** An operation in the document, as far as this file touches it. */
export interface DocumentOperation {
  operationId: string
  description?: string
  parameters?: { name: string; in: string; description?: string; example?: unknown; schema: object }[]
  requestBody?: { content: Record<string, { schema: object; examples?: Record<string, NamedExample> }> }
  responses: Record<string, Response>
}

/**
 * The OpenAPI document of a dialect, from the schemas of its routes, its operation table, its errors and the calls
 * that its tests run. The routes are put into a server of their own, which never listens: describing them costs a
 * running server nothing, and needs no database.
 */
export async function describeDialect(
  dialect: Describable,
  examples: readonly Example[],
  schemas: SchemaServices,
): Promise<OpenApiDocument> {
  const routes: Routes = { described: new Map(), spellings: [] }
  const app = await openDescribed(dialect, routes, schemas)
  await app.ready()
  // A copy without what schemas hold beside JSON.
  const document = JSON.parse(JSON.stringify(app.swagger())) as OpenApiDocument
  await app.close()
  const filled = examples.map((example) => withExampleValues(example, dialect.documentation))
  for (const operation of Object.values(document.paths).flatMap(Object.values<DocumentOperation>)) {
    const source = routes.described.get(operation.operationId)
    if (!source) continue
    complete(dialect, operation, source, filled)
    // Writes must not wait until a large document is finished.
    await setImmediate()
    const others = routes.spellings.filter(({ id }) => id === operation.operationId).map(({ url }) => url)
    const description = descriptionOf(dialect, source, others)
    if (description !== '') operation.description = description
  }
  return document
}

/** What title and schemas do not say. @param others further paths that it answers at */
function descriptionOf(
  { documentation, operations }: Describable,
  { operation }: Described,
  others: readonly string[],
): string {
  const { deprecated } = operation
  const successor = operations.find(({ id }) => id === deprecated?.successor)
  const sentences = [
    successor && `Deprecated: use \`${successor.method} ${successor.path}\`.`,
    documentation.accessOf?.(operation),
    others.length > 0 && `Also answers at ${others.join(' and ')}.`,
  ]
  return sentences.filter(Boolean).join('\n\n')
}

/** What the routes of a dialect told: its operations by id, and other paths that some of them answer at. */
interface Routes {
  described: Map<string, Described>
  spellings: { id: string; url: string }[]
}

/** What routes take from services while they are added: the rest is for handlers, which are never called here. */
export interface SchemaServices {
  workspaces: Pick<Services['workspaces'], 'settingsSchema'>
  limits: Services['limits']
}

async function openDescribed(
  dialect: Describable,
  routes: Routes,
  schemas: SchemaServices,
): Promise<FastifyInstance> {
  // Loaded when it is asked for: a server that nobody asks for documents does not pay for it.
  const { fastifySwagger, formatParamUrl } = await import('@fastify/swagger')
  const app = Fastify({ exposeHeadRoutes: false })
  app.setValidatorCompiler(() => () => true)
  await app.register(fastifySwagger, {
    openapi: headOf(dialect),
    convertConstToEnum: false,
    transform: ({ url, route }) => {
      const found = describeRoute(dialect, route)
      if (!found) {
        routes.spellings.push(spellingOf(dialect, route, formatParamUrl(url)))
        return { schema: { hide: true }, url }
      }
      routes.described.set(found.operation.id, found)
      return { schema: toRouteSchema(dialect, found), url }
    },
  })
  dialect.register(app, schemas as Services)
  return app
}

/** Another address of an operation; its method is named where that is another one. */
function spellingOf(
  { operations }: Describable,
  { config, method }: RouteOptions,
  url: string,
): Routes['spellings'][number] {
  const id = config?.operation ?? ''
  const isSame = operations.find((operation) => operation.id === id)?.method === method
  return { id, url: isSame ? url : `${String(method)} ${url}` }
}

function headOf({ title, documentation }: Describable): object {
  const { description, tags, securitySchemes, schemas } = documentation
  const manifest = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')
  const { version, license } = JSON.parse(manifest) as { version: string; license: string }
  return {
    openapi: '3.1.0',
    info: { title: `${title} API`, version, description, license: { name: license, identifier: license } },
    servers: [{ url: '/' }],
    tags: tags.map(({ name, description: about }) => ({ name, description: about })),
    components: { securitySchemes, ...(schemas && { schemas }) },
  }
}

/** Adds what the generator does not know: examples and answers. */
function complete(
  dialect: Describable,
  operation: DocumentOperation,
  described: Described,
  examples: readonly Example[],
): void {
  const own = examples.filter((example) => example.operation === operation.operationId)
  const good = own.filter(({ answer }) => answer.status < 300)
  const canShowSuccess = described.operation.succeedsWith === undefined
  const [first] = good.length > 0 || canShowSuccess ? good : own
  if (!first) throw new CdpError('CDP_INVARIANT_BROKEN', { cause: `no example of ${operation.operationId}` })
  for (const parameter of operation.parameters ?? []) {
    const value = valuesOf(dialect, parameter.in, first)[parameter.name]
    if (value !== undefined) parameter.example = String(value)
  }
  for (const [type, content] of Object.entries(operation.requestBody?.content ?? {})) {
    content.examples = requestExamples(content.schema, good.length > 0 ? good : own)
    if (type === FORM) Object.assign(content, inForm(content.examples))
  }
  operation.responses = responsesOf(dialect, described, [
    ...good,
    ...own.filter((one) => !good.includes(one)),
  ])
}

/** A form whose one part is the file that is otherwise the body. */
function inForm(examples: Readonly<Record<string, NamedExample>>): { schema: object; examples: object } {
  const file = { type: 'string', format: 'binary' }
  const parts = Object.entries(examples).map(([name, { value, ...words }]) => [
    name,
    { ...words, value: { file: value } },
  ])
  return {
    schema: { type: 'object', properties: { file }, required: ['file'] },
    examples: Object.fromEntries(parts),
  }
}

/** Values of the parameters in this place; those of headers stand in their schemas. */
function valuesOf(
  { documentation }: Describable,
  place: string,
  { request }: Example,
): Readonly<Record<string, string | number>> {
  if (place === 'path') return { ...documentation.exampleValues, ...request.params }
  return place === 'query' ? (request.query ?? {}) : {}
}

// One for all: an instance costs more than a schema. The schemas are ours and need no check of their own.
const ajv = new Ajv({ strict: false, meta: false, validateSchema: false, validateFormats: false })

/** The bodies that the schema takes: a batch that is accepted in part holds items that it does not. */
function requestExamples(schema: object, examples: readonly Example[]): Record<string, NamedExample> {
  const isValid = ajv.compile(schema)
  const fitting = examples.filter(({ request }) => isValid(request.body))
  return Object.fromEntries(
    fitting.map(({ name, request }) => [slugOf(name), { summary: name, value: request.body }]),
  )
}
