import type { Json } from '../../lib/json.ts'
import type { ImportedRow } from '../../model/import.ts'
import type { Transaction } from '../../storage/db.ts'
import { findMerge, saveMergeUndo } from '../../storage/merges.ts'
import type { MergeRow } from '../../storage/merges.ts'
import {
  blankRefusals,
  blankRejections,
  deleteAnswers,
  findAnswerTraces,
  findChunkTraces,
  findMergeTraces,
  findRefusalTraces,
  findRejectionTraces,
  hasOlderTransaction,
  readDatabaseClock,
  saveAnswers,
  saveChunks,
} from '../../storage/person-traces.ts'
import type { AnswerTrace, TraceQuery } from '../../storage/person-traces.ts'
import { outcomeContext, unseal } from '../access/index.ts'
import { withdrawExportsOf } from '../exports/index.ts'
import { deleteLeftovers } from '../profiles/index.ts'
import { countsOf } from './counts.ts'
import { withoutPerson } from './person.ts'
import type { PersonSearch } from './person.ts'

/** Whom to erase from a place, and from where in it. */
export interface PlaceSearch {
  workspaceId: number
  person: PersonSearch
  secretKey: Buffer
  /** Where the files of exports are. */
  exportFolder: string
  /** Where the last page ended; empty at the beginning of the place. */
  position: string
}

/** What became of one page of a place. */
export interface PlacePage {
  /** How much went, by kind. */
  counts: Readonly<Record<string, number>>
  /** Where it goes on; undefined when the place is done. */
  next: string | undefined
  /** It must wait before it goes on, milliseconds. */
  waitMs?: number
}

/** A place that may hold data of a person beside the rows that belong to a profile. */
export interface Place {
  /** Kept with an erasure that is under way: never renamed. */
  name: string
  /** Erases the person from one page, in one transaction; the same page again does no harm. */
  erase(tx: Transaction, search: PlaceSearch): Promise<PlacePage>
}

/**
 * Every place that holds data of a person and is looked through behind the answer, in order. What keeps copies of people's data
 * anew (queues of destinations) gets its entry here, and nowhere else. Rows that belong to a profile are in
 * `storage/profile-deletion.ts` instead.
 */
export const PLACES: readonly Place[] = [
  { name: 'writes-under-way', erase: eraseLeftovers },
  { name: 'exports', erase: eraseExports },
  { name: 'ledger', erase: eraseRejections },
  { name: 'answers', erase: eraseAnswers },
  { name: 'import-rows', erase: eraseChunks },
  { name: 'import-refusals', erase: eraseRefusals },
  { name: 'merge-records', erase: eraseMergeRecords },
]

const OLDER_WAIT_MS = 250

/** Waits for whoever began to write before the erasure, then takes away what that one stored. */
async function eraseLeftovers(
  tx: Transaction,
  { workspaceId, person, position }: PlaceSearch,
): Promise<PlacePage> {
  const since = position === '' ? await readDatabaseClock(tx) : position
  if (await hasOlderTransaction(tx, since)) return { counts: {}, next: since, waitMs: OLDER_WAIT_MS }
  const rows = await deleteLeftovers(tx, workspaceId, person.profileIds)
  return { counts: countsOf(rows), next: undefined }
}

/** A file shows one instant: one that the person is in goes as a whole, and can be asked for again. */
async function eraseExports(
  tx: Transaction,
  { workspaceId, person: { profileIds }, exportFolder }: PlaceSearch,
): Promise<PlacePage> {
  const ids = await withdrawExportsOf(tx, exportFolder, { workspaceId, profileIds })
  return { counts: { exports: ids.length }, next: undefined }
}

const ENTRIES_PER_PAGE = 1_000

async function eraseRejections(tx: Transaction, search: PlaceSearch): Promise<PlacePage> {
  const { suspects, next } = await findRejectionTraces(tx, queryOf(search, ENTRIES_PER_PAGE))
  const named = suspects.filter(({ text }) => text === undefined || search.person.isNamedIn(text))
  await blankRejections(
    tx,
    search.workspaceId,
    named.map(({ key }) => key),
  )
  return { counts: { ledgerEntries: named.length }, next }
}

/** Opening a sealed answer is the dear part. */
const ANSWERS_PER_PAGE = 500

/**
 * An answer in plain text loses what it says of the person and stays, so that a retry of the request stays known. A sealed one is
 * about an act upon one object and goes as a whole.
 */
async function eraseAnswers(tx: Transaction, search: PlaceSearch): Promise<PlacePage> {
  const { workspaceId, person } = search
  const { suspects, next } = await findAnswerTraces(tx, queryOf(search, ANSWERS_PER_PAGE))
  const sealed = suspects.filter((answer) => answer.sealedAnswer && isNamedInSealed(search, answer))
  const plain = suspects.filter((row) => !row.sealedAnswer && person.isNamedIn(row.answer))
  await deleteAnswers(
    tx,
    workspaceId,
    sealed.map(({ key }) => key),
  )
  const emptied = plain.map(({ key, answer }) => {
    return { key, text: JSON.stringify(withoutPerson(JSON.parse(answer) as Json, person)) }
  })
  await saveAnswers(tx, workspaceId, emptied)
  return { counts: { answers: sealed.length + plain.length }, next }
}

function isNamedInSealed(
  { workspaceId, person, secretKey }: PlaceSearch,
  { key, sealedAnswer }: AnswerTrace,
): boolean {
  if (!sealedAnswer) return false
  return person.isNamedIn(unseal(sealedAnswer, outcomeContext(workspaceId, key), secretKey).toString())
}

/** A chunk may hold a megabyte. */
const CHUNKS_PER_PAGE = 20

/** A row keeps its place, so that the import's numbers stay true: one that was still to be stored is refused. */
async function eraseChunks(tx: Transaction, search: PlaceSearch): Promise<PlacePage> {
  const { suspects, next } = await findChunkTraces(tx, queryOf(search, CHUNKS_PER_PAGE))
  let importRows = 0
  const emptied = suspects.map(({ key, text }) => {
    const rows = (JSON.parse(text) as ImportedRow[]).map((row) => {
      if (!search.person.isNamedIn(JSON.stringify(row))) return row
      importRows++
      return { line: row.line, problem: 'The person of this row was erased.', text: '' }
    })
    return { key, text: JSON.stringify(rows) }
  })
  await saveChunks(tx, search.workspaceId, emptied)
  return { counts: { importRows }, next }
}

async function eraseRefusals(tx: Transaction, search: PlaceSearch): Promise<PlacePage> {
  const { suspects, next } = await findRefusalTraces(tx, queryOf(search, ENTRIES_PER_PAGE))
  const named = suspects.filter(({ text }) => search.person.isNamedIn(text))
  await blankRefusals(
    tx,
    search.workspaceId,
    named.map(({ key }) => key),
  )
  return { counts: { importRefusals: named.length }, next }
}

const MERGES_PER_PAGE = 100

/** Another person's profile may have held an identifier before it was this one's: taking its merge back must not bring it back. */
async function eraseMergeRecords(tx: Transaction, search: PlaceSearch): Promise<PlacePage> {
  const { workspaceId, person } = search
  const { suspects, next } = await findMergeTraces(tx, queryOf(search, MERGES_PER_PAGE))
  const cleaned: MergeRow[] = []
  for (const fromId of suspects) {
    const merge = await findMerge(tx, workspaceId, fromId)
    if (merge && person.isNamedIn(JSON.stringify(merge.undo))) cleaned.push(withoutIn(merge, person))
  }
  await saveMergeUndo(tx, cleaned)
  return { counts: { mergeRecords: cleaned.length }, next }
}

function withoutIn(merge: MergeRow, person: PersonSearch): MergeRow {
  const names = (value: unknown): boolean => person.isNamedIn(JSON.stringify(value))
  const without = <Value>(values: Record<string, Value>): Record<string, Value> =>
    Object.fromEntries(Object.entries(values).filter(([, value]) => !names(value)))
  const { attributes, filled, identifiers } = merge.undo
  const undo = {
    ...merge.undo,
    attributes: without(attributes),
    filled: without(filled),
    identifiers: identifiers.filter((identifier) => !person.holds(identifier)),
  }
  return { ...merge, undo }
}

function queryOf({ workspaceId, person, position: after }: PlaceSearch, limit: number): TraceQuery {
  const { texts, hashes, profileIds } = person
  return { workspaceId, texts, hashes, profileIds, after, limit }
}
