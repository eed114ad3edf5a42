import type { FastifyInstance } from 'fastify'
import type { Describable, Example } from './describable.ts'
import { describeDialect } from './document.ts'
import type { SchemaServices } from './document.ts'

/** Where the documents come from. */
export interface DocumentSources {
  dialects: readonly Describable[]
  examplesOf: (dialect: string) => readonly Example[]
  /** The dialect of `/openapi.json`: the product's own API. */
  own: string
  services: SchemaServices
}

/**
 * Adds `GET /openapi/<dialect>.json` for every dialect and `GET /openapi.json` for the product's own API. A document
 * is made when it is first asked for, and kept.
 */
export function addOpenApiRoutes(app: FastifyInstance, sources: DocumentSources): void {
  const { dialects, examplesOf, own, services } = sources
  for (const dialect of dialects) {
    let text: Promise<string> | undefined
    const render = async (): Promise<string> =>
      JSON.stringify(await describeDialect(dialect, examplesOf(dialect.name), services))
    const paths = [`/openapi/${dialect.name}.json`, ...(dialect.name === own ? ['/openapi.json'] : [])]
    for (const path of paths) {
      app.get(path, { config: { operation: 'openapi' } }, async (_request, reply) =>
        reply.type('application/json; charset=utf-8').send(await (text ??= render())),
      )
    }
  }
}
