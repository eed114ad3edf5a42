import { newUuid, sha256Of, uuidFromHash } from '../../lib/ids.ts'
import { toStorableText } from '../../lib/text.ts'
import { MINUTE_MS } from '../../lib/time.ts'
import type { Instant } from '../../lib/time.ts'
import type { RejectionReason } from '../../model/command.ts'
import { identifierKey } from '../../model/identity.ts'
import type { Identifier } from '../../model/identity.ts'
import type { BatchItem } from '../../storage/batch-items.ts'
import type { RejectionRow } from '../../storage/rejections.ts'

/** Something that was refused or dropped, before it is a row. */
export interface Rejected {
  workspaceId: number
  at: Instant
  dialect: string
  operation: string
  reason: RejectionReason
  pointer: string
  /** What the caller was told: a sentence without values; missing where it was told nothing. */
  detail?: string | undefined
  /** Undefined where nothing of it may be kept. */
  item: unknown
  identifiers: readonly Identifier[]
  profileId: number | undefined
  traceId: string
}

/** Bytes of an item that are kept; a longer one is cut and cannot be replayed. */
const ITEM_BYTES_MAX = 16_384

/** Longer sentences are cut: they name many fields. */
const DETAIL_LENGTH_MAX = 1_000

/** Copies a minute of one workspace, dialect and reason; what comes after them is only counted. */
const COPIES_PER_MINUTE = 100

/** An item as the ledger keeps it. */
export class ItemText {
  readonly text: string
  readonly truncated: boolean

  /** Renders now what may be gone or too large to hold on to later; credentials are left out. */
  constructor(item: unknown) {
    const text = JSON.stringify(item, redactSecrets) ?? 'null'
    this.truncated = Buffer.byteLength(text) > ITEM_BYTES_MAX
    this.text = this.truncated ? cutText(text) : text
  }
}

/** Longer words are no secrets of ours. */
const SECRET_LENGTH_MAX = 128

/** The beginning of a text, without the word that is cut: half of a secret would not be known as one. */
function cutText(text: string): string {
  const cut = Buffer.from(text).subarray(0, ITEM_BYTES_MAX).toString('utf8')
  return cut.slice(0, -SECRET_LENGTH_MAX) + cut.slice(-SECRET_LENGTH_MAX).replace(/([^\w-])[\w-]*$/, '$1')
}

/** Names of fields whose value is never kept. */
const SECRET_FIELD =
  /^(authorization|(api|app)_?key|secret|\w*password|((app|access|external|facebook|identity_?provider)_?)?token|(pin|confirmation)_?code)$/i

/** How many copies of one kind this process has written in the present minute. */
export class CopyBound {
  #minute = 0
  #copies = new Map<string, number>()

  /** Counts one; false when it is beyond the bound and only to be counted. */
  takes(key: string, at: Instant): boolean {
    const minute = Math.floor(at / MINUTE_MS)
    if (minute > this.#minute) {
      this.#minute = minute
      this.#copies = new Map()
    }
    const copies = (this.#copies.get(key) ?? 0) + 1
    this.#copies.set(key, copies)
    return copies <= COPIES_PER_MINUTE
  }
}

/**
 * Turns what was rejected into ledger rows. A flood of one reason becomes copies up to a bound and then one
 * counting row a minute, so that a broken sender cannot fill the disk.
 */
export class LedgerRecorder {
  readonly #writer: string
  readonly #bound: CopyBound

  /**
   * @param writer tells writers apart, so that two never wait for one another's counting row
   * @param bound shared by the writers of a process
   */
  constructor(writer: string, bound: CopyBound) {
    this.#writer = writer
    this.#bound = bound
  }

  /** Rows for what was rejected in one transaction. */
  rows(rejected: readonly Rejected[]): RejectionRow[] {
    const counting = new Map<string, RejectionRow>()
    const rows: RejectionRow[] = []
    // One item may be rejected for many reasons: it is rendered once.
    const texts = new Map<unknown, ItemText>()
    for (const item of rejected) {
      const key = `${item.workspaceId}|${item.dialect}|${item.reason}`
      if (this.#bound.takes(key, item.at)) rows.push(copyOf(item, textOf(item.item, texts)))
      else this.#count(counting, key, item)
    }
    return [...rows, ...counting.values()]
  }

  #count(counting: Map<string, RejectionRow>, key: string, item: Rejected): void {
    const row = counting.get(key)
    if (row) {
      row.occurrences++
      return
    }
    const at = Math.floor(item.at / MINUTE_MS) * MINUTE_MS
    const rejectionId = uuidFromHash(sha256Of('counting', this.#writer, key, String(at)))
    const bare = {
      ...item,
      at,
      pointer: '',
      detail: undefined,
      identifiers: [],
      profileId: undefined,
      traceId: '',
    }
    counting.set(key, { ...copyOf(bare, undefined), rejectionId })
  }
}

/** A ledger row as the live stream finds it. */
export function rejectionItem(row: RejectionRow): BatchItem {
  const { dialect, reason: name, profileId = 0, rejectionId: id } = row
  return { kind: 'rejection', dialect, name, profileId, id }
}

/** Entries of the ledger: dialect → reason → how many they stand for. */
export type ReasonCounts = Record<string, Record<string, number>>

/** Counts a row of the ledger under its reason. @returns the same counts */
export function addReason(
  counts: ReasonCounts,
  { dialect, reason, occurrences }: RejectionRow,
): ReasonCounts {
  const reasons = (counts[dialect] ??= {})
  reasons[reason] = (reasons[reason] ?? 0) + occurrences
  return counts
}

function textOf(item: unknown, known: Map<unknown, ItemText>): ItemText | undefined {
  if (item === undefined) return undefined
  const text = item instanceof ItemText ? item : (known.get(item) ?? new ItemText(item))
  known.set(item, text)
  return text
}

function copyOf(item: Rejected, text: ItemText | undefined): RejectionRow {
  return {
    workspaceId: item.workspaceId,
    rejectionId: newUuid(),
    at: item.at,
    dialect: item.dialect,
    operation: item.operation,
    reason: item.reason,
    // It names what a caller sent, so it may hold what PostgreSQL cannot store.
    pointer: toStorableText(item.pointer),
    detail: item.detail === undefined ? undefined : toStorableText(item.detail.slice(0, DETAIL_LENGTH_MAX)),
    item: text?.text,
    itemTruncated: text?.truncated ?? false,
    identifierHashes: item.identifiers.map((identifier) => sha256Of('identifier', identifierKey(identifier))),
    profileId: item.profileId,
    traceId: item.traceId,
    occurrences: 1,
    replayedAt: undefined,
  }
}

function redactSecrets(name: string, value: unknown): unknown {
  // Whatever the value is: who sends a list of one key sends the key.
  const isGiven = value !== undefined && value !== null && typeof value !== 'boolean'
  return isGiven && SECRET_FIELD.test(name) ? '[redacted]' : value
}
