import type { Instant } from '../lib/time.ts'

/** What a dialect says of an operation that its vendor asks clients to leave. */
export interface Deprecation {
  since: Instant
  /** The id of the operation that takes its place, where there is one; its path has no parameters. */
  successor?: string
}

/** The headers of an answer, by name. */
type Headers = Readonly<Record<string, string>>

const NONE: Headers = {}

/**
 * The headers that answers of deprecated operations carry: `Deprecation` with the date, and a `Link` to the successor.
 * @returns a function from the id of an operation to them; empty for every other operation
 * @source RFC 9745, RFC 5829 (`successor-version`), RFC 9651 (`@` and seconds)
 */
export function deprecationHeaders(
  operations: readonly { id: string; path: string; deprecated?: Deprecation }[],
): (operation: string) => Headers {
  const pathOf = new Map(operations.map(({ id, path }) => [id, path]))
  const headersOf = new Map(
    operations.flatMap(({ id, deprecated }) =>
      deprecated ? [[id, headersFor(deprecated, pathOf.get(deprecated.successor ?? ''))] as const] : [],
    ),
  )
  return (operation) => headersOf.get(operation) ?? NONE
}

function headersFor({ since }: Deprecation, successorPath: string | undefined): Headers {
  return {
    Deprecation: `@${Math.floor(since / 1_000)}`,
    ...(successorPath !== undefined && { Link: `<${successorPath}>; rel="successor-version"` }),
  }
}
