import type { Describable } from '../http/openapi/describable.ts'
import type { ImportMapper } from '../model/import.ts'
import type { Deprecation } from '../http/deprecation.ts'
import type { KeyScope } from '../model/workspace.ts'

/** Where method and path of an operation are known from: docs/coverage.md says it of each. */
export type Provenance = 'reference' | 'public source' | 'inferred' | 'beyond the reference'

/** One operation of a vendor's documentation: implemented, or with the reason why not. */
export interface Operation {
  /** Unique in its dialect; names the operation in logs, metrics, the ledger and fixtures. */
  id: string
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path from the root, parameters as `:name`. */
  path: string
  title: string
  /** Answers without a credential: a login, the time. */
  open?: true
  /** The vendor asks clients to leave it. */
  deprecated?: Deprecation
  /** Its number in the vendor's reference, from 1, where the dialect counts them. */
  number?: number
  /** `reference` where it is missing. */
  provenance?: Provenance
  /** The public sources, in the marks of the dialect's README. */
  sources?: readonly string[]
  /** The status of its success where no fixture can show one: it needs the server of somebody else, or a moment that passes. */
  succeedsWith?: number
}

/** What the very first start hands out for a dialect: credentials, settings, and a curl line that works. */
export interface Starter {
  keys: readonly { scope: KeyScope; secret: string; permissions: readonly string[] }[]
  settings: Readonly<Record<string, string | number | boolean>>
  /** What the reader must also be told: a key that the command line does not hold. */
  aside?: string
  /** A ready command line against this address. */
  curl: (baseUrl: string) => string
}

/** The contract that every dialect fulfils: data about the vendor's API and small functions. */
export interface Dialect extends Describable {
  operations: readonly Operation[]
  /** How rows become commands that this dialect takes for an import; none where it takes none. */
  imports?: readonly ImportMapper[]
  /** New random credentials of the vendor's form. */
  starter: () => Starter
}
