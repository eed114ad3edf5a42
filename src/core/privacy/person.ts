import { sha256Of } from '../../lib/ids.ts'
import type { Json } from '../../lib/json.ts'
import { readAlias } from '../identity/index.ts'
import { identifierKey } from '../../model/identity.ts'
import type { HeldIdentifier, Identifier } from '../../model/identity.ts'
import type { Queryable } from '../../storage/db.ts'
import { findIdentifiersOfProfiles } from '../../storage/identifiers.ts'
import { findMergesInto } from '../../storage/merges.ts'
import { findAccountIds, findContactTexts } from '../../storage/person-names.ts'

/** What a person is known by; survives JSON. */
export interface Person {
  /** The living profile first. */
  profileIds: readonly number[]
  /** What the profiles hold. */
  held: readonly Identifier[]
  /** What else they were known by: before a merge, before a change, as written. */
  former: readonly Identifier[]
  texts: readonly string[]
  accountIds: readonly string[]
}

/** Attributes that hold an address as its sender wrote it. */
const CONTACT_ATTRIBUTES = ['email', 'phone']

/** Reads what a person is known by, before it is gone. @param profileIds the living profile first */
export async function knowPerson(
  db: Queryable,
  workspaceId: number,
  profileIds: readonly number[],
): Promise<Person> {
  const [livingId = 0] = profileIds
  const profiles = profileIds.map((profileId) => ({ workspaceId, profileId }))
  const held = await findIdentifiersOfProfiles(db, profiles)
  const merges = await findMergesInto(db, workspaceId, livingId)
  const texts = await findContactTexts(db, workspaceId, profileIds, CONTACT_ATTRIBUTES)
  return {
    profileIds,
    held: held.map(bare),
    former: merges.flatMap(({ undo }) => undo.identifiers.map(bare)),
    texts,
    accountIds: await findAccountIds(db, workspaceId, profileIds),
  }
}

function bare({ kind, value }: HeldIdentifier): Identifier {
  return { kind, value }
}

/** A shorter text, or a shorter number, is likely to mean something else: it counts only in a field that says it is an id. */
const TEXT_LENGTH_MIN = 4
const DIGITS_MIN = 6

/** Recognises a person in texts that were kept of what was sent. */
export class PersonSearch {
  readonly profileIds: readonly number[]
  readonly hashes: readonly Buffer[]
  /** In lower case, as JSON writes them: whatever names the person holds one of these. */
  readonly texts: readonly string[]
  /** In lower case: where messages went. */
  readonly addresses: readonly string[]
  readonly #patterns: readonly RegExp[]
  readonly #keys: ReadonlySet<string>

  constructor({ profileIds, held, former, texts }: Person) {
    const identifiers = [...held, ...former]
    this.profileIds = profileIds
    this.#keys = new Set(identifiers.map(identifierKey))
    this.hashes = identifiers.map((identifier) => sha256Of('identifier', identifierKey(identifier)))
    const contacts = identifiers.filter(({ kind }) => kind === 'email' || kind === 'phone')
    this.addresses = distinct([...contacts.map(({ value }) => value), ...texts])
    const values = identifiers.flatMap(({ kind, value }) => spellings(kind, value))
    const names = distinct([...values, ...texts]).map((text) => JSON.stringify(text).slice(1, -1))
    const idFields = profileIds.map((profileId) => `id":${profileId}`)
    const quotedIdFields = profileIds.map((profileId) => `id":"${profileId}"`)
    this.texts = [...names, ...idFields, ...quotedIdFields]
    this.#patterns = patternsOf(names, profileIds)
  }

  /** Whether an identifier is or was one of the person's. */
  holds(identifier: Identifier): boolean {
    return this.#keys.has(identifierKey(identifier))
  }

  /** Whether a text, JSON or other, names the person. */
  isNamedIn(text: string): boolean {
    const plain = text.toLowerCase().replaceAll(/\\[nrtbf]/g, ' ')
    return this.#patterns.some((pattern) => pattern.test(plain))
  }
}

/** Values as senders write them; a normal phone number begins with a plus that many leave out. */
function spellings(kind: Identifier['kind'], value: string): string[] {
  if (kind === 'alias') return [readAlias(value).id]
  return kind === 'phone' ? [value, value.replace('+', '')] : [value]
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts.map((text) => text.trim().toLowerCase()).filter((text) => text !== ''))]
}

/** Whole words only: nobody is named by the end of a longer address. */
function patternsOf(names: readonly string[], profileIds: readonly number[]): RegExp[] {
  const isTelling = (name: string): boolean =>
    name.length >= (/^\d+$/.test(name) ? DIGITS_MIN : TEXT_LENGTH_MIN)
  const telling = anyOf(names.filter(isTelling))
  const short = anyOf(names.filter((name) => !isTelling(name)))
  const ids = anyOf(profileIds.map(String))
  return [
    telling && `(?<![\\p{L}\\p{N}._%+@-])${telling}(?![\\p{L}\\p{N}_@-]|\\.[\\p{L}\\p{N}])`,
    // The word is looked for once from each quote: tried at every place, a long text of such words would take minutes.
    short && `"(?=[^"]*(?:id|user|customer|client|key|value|mail|phone))[^"]*":"?${short}"?[,}\\]]`,
    ids && `"[a-z_]*(?:profile|client|customer|survivor|living)_?id":"?${ids}"?[,}\\]]`,
  ].flatMap((pattern) => (pattern === undefined ? [] : [new RegExp(pattern, 'u')]))
}

function anyOf(texts: readonly string[]): string | undefined {
  if (texts.length === 0) return undefined
  return `(?:${texts.map((text) => text.replaceAll(/[$()*+./?[\\\]^{|}]/g, String.raw`\$&`)).join('|')})`
}

/**
 * A JSON value without what it says of the person, in its shape: the answer to a batch loses this person's items, any other
 * answer that names the person says nothing any more.
 */
export function withoutPerson(value: Json, person: Pick<PersonSearch, 'isNamedIn'>): Json {
  if (!person.isNamedIn(JSON.stringify(value))) return value
  const list = listIn(value)
  if (!list) return blank(value)
  const { name, items } = list
  const kept = items.map((item) => withoutPerson(item, person))
  return name === undefined ? kept : { ...(value as object), [name]: kept }
}

/** The list that a value is, or that is all that it holds beside plain values. */
function listIn(value: Json): { name: string | undefined; items: readonly Json[] } | undefined {
  if (Array.isArray(value)) return { name: undefined, items: value as readonly Json[] }
  if (typeof value !== 'object' || value === null) return undefined
  const nested = Object.entries(value).filter(([, member]) => typeof member === 'object' && member !== null)
  const [only] = nested
  if (nested.length !== 1 || !only || !Array.isArray(only[1]) || only[1].length < 2) return undefined
  return { name: only[0], items: only[1] as readonly Json[] }
}

function blank(value: Json): Json {
  if (Array.isArray(value)) return value.map((item) => blank(item as Json))
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, blank(member)]))
  if (typeof value === 'string') return ''
  return typeof value === 'number' ? 0 : value
}
