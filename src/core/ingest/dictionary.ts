import type { Json } from '../../lib/json.ts'
import type { Instant } from '../../lib/time.ts'
import type { SeenRow } from '../../storage/attributes-seen.ts'
import type { EventNameRow } from '../../storage/event-names.ts'
import type { EventRow } from '../../storage/events.ts'
import type { Flush } from './flush.ts'

/** A row is written again only to say that an attribute is still in use. */
const WRITTEN_AGAIN_AFTER_MS = 3_600_000

/**
 * Names that are kept of one event or of profiles, and names of events of one workspace: a sender that makes names up
 * must not make the dictionary grow without bound. What is beyond is stored all the same, only not listed.
 */
const NAMES_MAX = 2_000

/** What is remembered of one dialect's attributes of profiles, or of one event: name → type → when it was written. */
type KnownScope = Map<string, Map<string, Instant>>

const SCOPES_MAX = 5_000

/** What a flush adds to the dictionary. */
export interface DictionaryNews {
  seen: readonly SeenRow[]
  /** Names of events that this process has not written yet. */
  names: readonly EventNameRow[]
}

/** What this process has written into the dictionary, so that a flush writes only what is new. */
export class DictionaryCache {
  readonly #scopes = new Map<string, KnownScope>()
  /** By workspace: name of events → dialects that sent it. */
  readonly #eventNames = new Map<number, Map<string, Set<string>>>()

  /** What of a flush is new to the dictionary, or was written there long ago. */
  newsOf({ out, units }: Flush): DictionaryNews {
    const at = units.reduce((newest, { unit }) => Math.max(newest, unit.receivedAt), 0)
    const news = new Map<string, SeenRow>()
    for (const { workspaceId, dialect, values } of out.written)
      this.#look(news, { workspaceId, dialect, target: 'profile', eventName: '' }, values, at)
    for (const { workspaceId, source: dialect, name: eventName, properties } of out.events.values())
      this.#look(news, { workspaceId, dialect, target: 'event', eventName }, properties, at)
    return { seen: [...news.values()], names: this.#newNames(out.events.values(), at) }
  }

  /** Takes over what a flush wrote, after its commit. */
  publish({ seen, names }: DictionaryNews): void {
    if (this.#scopes.size > SCOPES_MAX) this.#scopes.clear()
    for (const { workspaceId, name, dialect } of names) {
      const known = entryOf(this.#eventNames, workspaceId, () => new Map<string, Set<string>>())
      entryOf(known, name, () => new Set<string>()).add(dialect)
    }
    for (const row of seen) {
      const scope = entryOf(this.#scopes, scopeOf(row), () => new Map<string, Map<string, Instant>>())
      entryOf(scope, row.attribute, () => new Map<string, Instant>()).set(row.type, row.at)
    }
  }

  #newNames(events: Iterable<EventRow>, at: Instant): EventNameRow[] {
    const news = new Map<string, EventNameRow>()
    for (const { workspaceId, source: dialect, name } of events) {
      const known = this.#eventNames.get(workspaceId)
      if (known?.get(name)?.has(dialect)) continue
      if (known && known.size >= NAMES_MAX && !known.has(name)) continue
      news.set(`${workspaceId}|${dialect}|${name}`, { workspaceId, name, dialect, at })
    }
    return [...news.values()]
  }

  #look(
    news: Map<string, SeenRow>,
    scope: Omit<SeenRow, 'attribute' | 'type' | 'at'>,
    values: Readonly<Record<string, Json>>,
    at: Instant,
  ): void {
    const scopeKey = scopeOf(scope)
    const known = this.#scopes.get(scopeKey)
    if (!known && !this.#takesEvent(scope)) return
    for (const [attribute, value] of Object.entries(values)) {
      if (value === null) continue
      const type = Array.isArray(value) ? 'array' : typeof value
      const writtenAt = known?.get(attribute)?.get(type)
      if (writtenAt !== undefined && at - writtenAt < WRITTEN_AGAIN_AFTER_MS) continue
      if (known && !known.has(attribute) && known.size >= NAMES_MAX) continue
      news.set(`${scopeKey}|${type}|${attribute}`, { ...scope, attribute, type, at })
    }
  }

  #takesEvent({
    workspaceId,
    target,
    eventName,
  }: Pick<SeenRow, 'workspaceId' | 'target' | 'eventName'>): boolean {
    const names = target === 'event' ? this.#eventNames.get(workspaceId) : undefined
    return !names || names.size < NAMES_MAX || names.has(eventName)
  }
}

function scopeOf({
  workspaceId,
  dialect,
  target,
  eventName,
}: Omit<SeenRow, 'attribute' | 'type' | 'at'>): string {
  return `${workspaceId}|${dialect}|${target}|${eventName}`
}

function entryOf<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const existing = map.get(key)
  if (existing !== undefined) return existing
  const value = make()
  map.set(key, value)
  return value
}
