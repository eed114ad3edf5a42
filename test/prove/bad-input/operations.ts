import { readFileSync } from 'node:fs'
import { dialects } from '../../../src/dialects/index.ts'
import type { Operation } from '../../../src/dialects/index.ts'

/** An operation of a dialect with what its OpenAPI document says of its request. */
export interface DescribedRequest {
  dialect: string
  operation: Operation
  /** Schema of the body with the document's components beside it; undefined where the operation takes none. */
  body: object | undefined
  /** Names of the parameters of its query that the document knows. */
  query: readonly string[]
}

interface OpenApiOperation {
  operationId: string
  parameters?: { name: string; in: string }[]
  requestBody?: { content: Record<string, { schema: object }> }
}

interface OpenApi {
  paths: Record<string, Record<string, OpenApiOperation>>
  components?: object
}

/** Every operation of every dialect's table. @throws Error for one that the checked-in document does not have */
export function describedRequests(): DescribedRequest[] {
  return dialects.flatMap(({ name, operations }) => {
    const document = readDocument(name)
    const described = new Map(
      Object.values(document.paths)
        .flatMap(Object.values<OpenApiOperation>)
        .map((each) => [each.operationId, each]),
    )
    return operations.map((operation) => {
      const found = described.get(operation.id)
      if (!found) throw new Error(`docs/openapi/${name}.json has no ${operation.id}`)
      return {
        dialect: name,
        operation,
        body: bodySchema(found, document),
        query: (found.parameters ?? []).filter((each) => each.in === 'query').map((each) => each.name),
      }
    })
  })
}

function readDocument(name: string): OpenApi {
  const file = new URL(`../../../docs/openapi/${name}.json`, import.meta.url)
  return JSON.parse(readFileSync(file, 'utf8')) as OpenApi
}

function bodySchema({ requestBody }: OpenApiOperation, { components }: OpenApi): object | undefined {
  const [content] = Object.values(requestBody?.content ?? {})
  return content && { ...content.schema, components }
}
