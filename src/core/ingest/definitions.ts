import type { AttributeType, Typing } from '../../model/command.ts'
import type { Instant } from '../../lib/time.ts'
import { lockDefinitions, scopeKey } from '../../storage/attribute-definitions.ts'
import type { DefinitionRow, DefinitionScope } from '../../storage/attribute-definitions.ts'
import type { Queryable } from '../../storage/db.ts'

/** What is known of one scope: definitions are only ever added, so a cached one stays true. */
interface KnownScope {
  types: Map<string, AttributeType>
  counts: Map<AttributeType, number>
}

// Scopes are made by callers (one an event name), so the cache is bounded; the oldest goes first.
const CACHED_SCOPES_MAX = 2_000

/** Fixed attribute types, cached per process: a flush asks the database only for an attribute it never saw. */
export class DefinitionCache {
  readonly #scopes = new Map<string, KnownScope>()

  /** Opens the view of one transaction. */
  open(): DefinitionView {
    return new DefinitionView((key) => this.#scopes.get(key))
  }

  /** Takes over what a transaction read or added, after its commit. */
  publish(view: DefinitionView): void {
    for (const [key, scope] of view.fresh()) {
      this.#scopes.delete(key)
      this.#scopes.set(key, scope)
    }
    for (const key of this.#scopes.keys()) {
      if (this.#scopes.size <= CACHED_SCOPES_MAX) break
      this.#scopes.delete(key)
    }
  }
}

/** What became of an attribute's value under the dialect's typing rule. */
export type TypingVerdict = 'keep' | 'attribute_type_mismatch' | 'attribute_type_limit'

/** The definitions as one transaction sees them: the cache, what it read under lock, and what it adds. */
export class DefinitionView {
  readonly #cached: (key: string) => KnownScope | undefined
  /** The cached scopes of this transaction: another flusher may push them out of the cache meanwhile. */
  readonly #held = new Map<string, KnownScope>()
  readonly #fresh = new Map<string, KnownScope>()
  readonly #added: DefinitionRow[] = []

  constructor(cached: (key: string) => KnownScope | undefined) {
    this.#cached = cached
  }

  /** Reads, under a lock, every scope in which one of these writes may fix a new type. */
  async load(db: Queryable, writes: Iterable<{ scope: DefinitionScope; typing: Typing }>): Promise<void> {
    const needed = new Map<string, DefinitionScope>()
    for (const { scope, typing } of writes) {
      const key = scopeKey(scope)
      const cached = this.#held.get(key) ?? this.#cached(key)
      if (cached) this.#held.set(key, cached)
      if (!needed.has(key) && mayAdd(cached, typing)) needed.set(key, scope)
    }
    if (needed.size === 0) return
    for (const key of needed.keys()) this.#fresh.set(key, { types: new Map(), counts: new Map() })
    for (const row of await lockDefinitions(db, [...needed.values()]))
      this.#know(scopeKey(row), row.attribute, row.type)
  }

  /** Decides about one value, and fixes the type when this is the attribute's first datapoint. */
  decide(
    scope: DefinitionScope,
    attribute: string,
    type: AttributeType,
    perTypeMax: number,
    at: Instant,
  ): TypingVerdict {
    const key = scopeKey(scope)
    const known = this.#fresh.get(key) ?? this.#held.get(key)
    const fixed = known?.types.get(attribute)
    if (fixed !== undefined) return fixed === type ? 'keep' : 'attribute_type_mismatch'
    if ((known?.counts.get(type) ?? 0) >= perTypeMax) return 'attribute_type_limit'
    this.#know(key, attribute, type)
    this.#added.push({ ...scope, attribute, type, firstSeenAt: at })
    return 'keep'
  }

  /** Definitions to insert. */
  added(): readonly DefinitionRow[] {
    return this.#added
  }

  /** Scopes that were read or added to. */
  fresh(): ReadonlyMap<string, KnownScope> {
    return this.#fresh
  }

  #know(key: string, attribute: string, type: AttributeType): void {
    const scope = this.#fresh.get(key)
    if (!scope) throw new Error(`definitions of ${key} were not loaded`)
    scope.types.set(attribute, type)
    scope.counts.set(type, (scope.counts.get(type) ?? 0) + 1)
  }
}

function mayAdd(known: KnownScope | undefined, { types, perTypeMax }: Typing): boolean {
  if (!known) return Object.keys(types).length > 0
  return Object.entries(types).some(
    ([attribute, type]) => !known.types.has(attribute) && (known.counts.get(type) ?? 0) < perTypeMax,
  )
}
