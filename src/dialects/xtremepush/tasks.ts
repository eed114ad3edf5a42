import type { ImportQuery, ImportSort } from '../../core/imports/index.ts'
import { pointerTokens } from '../../lib/json.ts'
import type { Instant } from '../../lib/time.ts'
import type { ImportRefusal, ImportState, ImportTask } from '../../model/import.ts'
import { boundsOf, conditionsOf, orderOf, pageOf, toInstants, unknownCondition } from './conditions.ts'
import type { ColumnPlan } from './mapping.ts'
import type { ListBody } from './schemas.ts'

/** What the vendor calls an import of profiles. @source reference 3.3, SRC[27] */
const IDENTIFIER = 'profile_import'

/**
 * The vendor's word for each state.
 * @assumed the words were not recovered; a paused task is not at its end, and a cancelled one did not get there
 */
const STATUS: Readonly<Record<ImportState, string>> = {
  queued: 'pending',
  running: 'running',
  paused: 'running',
  done: 'finished',
  failed: 'failed',
  cancelled: 'failed',
}

/** The answer to an import that is stored behind it. @assumed the key of the id was not recovered: it stands in two places */
export function showAccepted({ importId: id }: ImportTask): object {
  return {
    success: true,
    code: 202,
    task_id: id,
    model: { id, identifier: IDENTIFIER, status: STATUS.queued },
  }
}

/** A task as the vendor shows it. @assumed every field but id, identifier and finish_time */
export function showTask(task: ImportTask): Record<string, unknown> {
  const { importId: id, state, total, processed, created, updated, refused: failed } = task
  return {
    id,
    identifier: IDENTIFIER,
    status: STATUS[state],
    progress: total === 0 ? 100 : Math.floor((processed / total) * 100),
    create_time: toSeconds(task.createdAt),
    start_time: toSeconds(task.startedAt),
    finish_time: toSeconds(task.endedAt),
    total,
    created,
    updated,
    failed,
  }
}

function toSeconds(instant: Instant | undefined): number | null {
  return instant === undefined ? null : Math.floor(instant / 1_000)
}

/** What went wrong in a task: its refused rows, and before them why it came to no end. */
export function showErrors(task: ImportTask, refusals: readonly ImportRefusal[]): object[] {
  const { columns } = task.options as unknown as ColumnPlan
  const failure = task.state === 'failed' ? [{ message: 'The task could not be completed.' }] : []
  return [...failure, ...refusals.map((refusal) => showRefusal(refusal, columns))]
}

/** A refused row. @source reference 3.2: `row` is the index from 0 */
export function showRefusal(
  { line, code, detail, pointer }: ImportRefusal,
  columns: readonly string[],
): object {
  const [, , , index] = pointerTokens(pointer)
  const column = index === undefined ? undefined : columns[Number(index)]
  // What it is that says nobody is known only to who normalizes it.
  const message = code === 'CDP_IDENTIFIER_MISSING' ? 'the identifier is empty' : detail
  return { row: line - 1, ...(column !== undefined && { column }), message }
}

const SORTS: Readonly<Record<string, ImportSort>> = {
  id: 'id',
  create_time: 'createdAt',
  start_time: 'startedAt',
  finish_time: 'endedAt',
}

/**
 * A list of tasks in the product's words; undefined where its conditions can never hold.
 * @throws CDP_BODY_INVALID
 */
export function taskQueryOf(workspaceId: number, body: ListBody): ImportQuery | undefined {
  const conditions = conditionsOf(body)
  const exact = ['identifier', 'status']
  for (const condition of conditions) {
    const isExact = exact.includes(condition.field) && condition.operator === '='
    if (!isExact && !Object.hasOwn(SORTS, condition.field))
      throw unknownCondition(condition, [...Object.keys(SORTS), ...exact])
  }
  const valuesOf = (field: string) =>
    conditions.filter((condition) => condition.field === field).map(({ value }) => String(value))
  if (valuesOf('identifier').some((value) => value !== IDENTIFIER)) return undefined
  const times = (field: string) => toInstants(boundsOf(conditions, field))
  return {
    workspaceId,
    dialect: 'xtremepush',
    states: statesOf(valuesOf('status')),
    id: boundsOf(conditions, 'id'),
    createdAt: times('create_time'),
    startedAt: times('start_time'),
    endedAt: times('finish_time'),
    sort: orderOf(body, SORTS) ?? { by: 'id', order: 'asc' },
    ...pageOf(body),
  }
}

function statesOf(statuses: readonly string[]): ImportState[] | undefined {
  if (statuses.length === 0) return undefined
  const states = Object.entries(STATUS) as [ImportState, string][]
  return states.filter(([, status]) => statuses.every((wanted) => wanted === status)).map(([state]) => state)
}
