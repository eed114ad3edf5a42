import type { Deprecation } from '../deprecation.ts'
import type { Mountable } from '../mount.ts'
import type { ErrorCode } from '../../model/errors.ts'

/** How a credential travels, as OpenAPI says it. */
export type SecurityScheme = { description: string } & (
  | { type: 'http'; scheme: 'bearer' | 'basic'; bearerFormat?: string }
  | { type: 'apiKey'; in: 'query' | 'header'; name: string }
)

/** A header that an operation reads beside the credential. */
export interface HeaderParameter {
  required: boolean
  description: string
  example: string
}

/** A group of operations. */
export interface Tag {
  name: string
  description: string
  /** The paths of its operations, as the operation table writes them. */
  paths: RegExp
}

/** What a dialect's OpenAPI document says that does not follow from its routes. */
export interface Documentation {
  /** What the API is for, in a sentence or two. */
  description: string
  /** Any one of them opens an operation; operations that are `open` ask for none. */
  securitySchemes: Readonly<Record<string, SecurityScheme>>
  /** Which of them open an operation, by name; all where it is missing. */
  securityOf?: (operation: DescribedOperation) => readonly string[]
  /** The first whose paths match holds the operation. */
  tags: readonly Tag[]
  /** Headers by name, beside the credential and the Idempotency-Key. */
  headersOf: (operation: DescribedOperation) => Readonly<Record<string, HeaderParameter>>
  /** Codes of refusals beside those that follow from method, schema and credential. */
  refusalsOf: (operation: DescribedOperation) => readonly ErrorCode[]
  /** Ids of writes that read no Idempotency-Key. */
  unkeyed: readonly string[]
  /** Who may call an operation and what that one needs, as text; it stands in the operation's description. */
  accessOf?: (operation: DescribedOperation) => string | undefined
  /** What the parameters of paths are, by name. */
  params: Readonly<Record<string, string>>
  /** Shapes that answers refer to as `#/components/schemas/<name>`. */
  schemas?: Readonly<Record<string, object>>
  /** The schema of a body that an operation answers with this status; undefined for none, and where only examples show it. */
  answerSchemaOf?: (operation: DescribedOperation, status: number) => object | undefined
  /** Ids of operations that answer with a file, which has no such schema. */
  files?: readonly string[]
  /** Media type of errors, where it is not that of answers. */
  errorMediaType?: string
  /** Values by name: of path parameters, of `@name` in fixtures, and of members that fixtures leave open. */
  exampleValues: Readonly<Record<string, string | number>>
}

/** An operation as the document needs it. */
export interface DescribedOperation {
  id: string
  method: string
  path: string
  title: string
  open?: true
  deprecated?: Deprecation
  succeedsWith?: number
}

/** A dialect as the document needs it. */
export interface Describable extends Mountable {
  /** The vendor's name as people write it. */
  title: string
  operations: readonly DescribedOperation[]
  documentation: Documentation
}

/** A call that tests run: the source of every example. */
export interface Example {
  name: string
  operation: string
  given?: readonly { take?: Readonly<Record<string, string>> }[]
  request: {
    params?: Readonly<Record<string, string>>
    query?: Readonly<Record<string, string>>
    body?: unknown
  }
  answer: { status: number; body: unknown }
}
