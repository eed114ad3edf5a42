import { isUuid } from '../../lib/ids.ts'
import { CdpError } from '../../model/errors.ts'
import { pageOf, readPlace } from '../../model/page.ts'
import type { Page } from '../../model/page.ts'
import { guarded } from '../../storage/db.ts'
import type { Database } from '../../storage/db.ts'
import { findErasure, findErasures, saveTombstoneRemoved } from '../../storage/erasures.ts'
import type { ErasureKey, ErasureRow } from '../../storage/erasures.ts'
import { deleteTombstones } from '../../storage/tombstones.ts'
import { record } from '../audit/index.ts'
import type { Actor } from '../audit/index.ts'
import { runOnce, whileStale } from '../idempotency/index.ts'
import type { OnceRequest, RunOnce } from '../idempotency/index.ts'
import { openTombstones } from '../tombstones/index.ts'
import { erasePerson } from './erase.ts'
import type { ErasureRequest } from './erase.ts'
import { openReport } from './report.ts'
import type { ReportRequest } from './report.ts'
import { runErasure } from './run.ts'
import type { ErasureRunOptions } from './run.ts'

/** What the law gives people: to see what is held of them, to have it erased, and to have that proved. */
export interface Privacy {
  /**
   * Erases a person; the first part is done when it returns, and the receipt tells when the rest is.
   * @throws CDP_PROFILE_NOT_FOUND
   */
  erase(request: ErasureRequest, once?: OnceRequest): Promise<ErasureRow>
  /** @throws CDP_ERASURE_NOT_FOUND */
  get(key: ErasureKey): Promise<ErasureRow>
  /** Newest first. @throws CDP_QUERY_INVALID the cursor is none of this list's */
  list(workspaceId: number, page: { cursor: string | undefined; limit: number }): Promise<Page<ErasureRow>>
  /** Lets the erased person's identifiers be written again. @throws CDP_ERASURE_NOT_FOUND also where it has no tombstone */
  removeTombstone(key: ErasureKey, actor: Actor, once?: OnceRequest): Promise<ErasureRow>
  /** See {@link openReport}. */
  report(request: ReportRequest): Promise<AsyncGenerator<string>>
  /** See {@link runErasure}. */
  run(): Promise<boolean>
}

/** Opens privacy over a database. */
export function openPrivacy(options: ErasureRunOptions): Privacy {
  const { db, secretKey } = options
  const tombstones = openTombstones(secretKey)
  return {
    erase: async (request, once) => {
      // Only the receipt's id is kept under the key: all else would be found and erased as an answer about the person.
      const run: RunOnce = (work) => runOnce(db, secretKey, once, work)
      const erasureId = await whileStale(run, (tx) => erasePerson(tx, request, { tombstones, secretKey }))
      return getOne(db, { workspaceId: request.workspace.id, erasureId })
    },
    get: (key) => getOne(db, key),
    list: (workspaceId, page) => listErasures(db, workspaceId, page),
    removeTombstone: async (key, actor, once) => {
      await runOnce(db, secretKey, once, async (tx) => {
        const removed = isUuid(key.erasureId) ? await saveTombstoneRemoved(tx, key) : undefined
        if (!removed) throw new CdpError('CDP_ERASURE_NOT_FOUND')
        await deleteTombstones(tx, key.workspaceId, key.erasureId)
        const { workspaceId, erasureId: object } = key
        await record(tx, { actor, workspaceId, action: 'erasure.remove-tombstone', object })
        return true
      })
      return getOne(db, key)
    },
    report: (request) => openReport(db, request),
    run: () => runErasure(options),
  }
}

async function getOne(db: Database, key: ErasureKey): Promise<ErasureRow> {
  const row = isUuid(key.erasureId) ? await guarded(() => findErasure(db.general, key)) : undefined
  if (!row) throw new CdpError('CDP_ERASURE_NOT_FOUND')
  return row
}

async function listErasures(
  db: Database,
  workspaceId: number,
  { cursor, limit }: { cursor: string | undefined; limit: number },
): Promise<Page<ErasureRow>> {
  const after = readPlace(cursor)?.id
  const rows = await guarded(() => findErasures(db.general, workspaceId, { after, limit: limit + 1 }))
  return pageOf(
    rows,
    limit,
    ({ at, erasureId: id }) => ({ at, id }),
    (row) => row,
  )
}
