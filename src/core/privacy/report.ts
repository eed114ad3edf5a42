import { now, toRfc3339 } from '../../lib/time.ts'
import type { Workspace } from '../../model/workspace.ts'
import { guarded } from '../../storage/db.ts'
import type { Database } from '../../storage/db.ts'
import { readReport } from '../../storage/person-report.ts'
import { act, record } from '../audit/index.ts'
import type { Actor } from '../audit/index.ts'
import { idsOfTarget } from '../profiles/index.ts'
import { PersonSearch, knowPerson } from './person.ts'

/** Whose report is asked for, and by whom. */
export interface ReportRequest {
  workspace: Workspace
  /** Also the id of a profile that was merged away. */
  profileId: number
  actor: Actor
}

/**
 * Everything that is held of a person, as the pieces of one JSON object: `workspace`, `profileId`, `at`, and a list for each section.
 * That it was read is in the audit log before the first piece is.
 * @throws CDP_PROFILE_NOT_FOUND
 */
export async function openReport(
  db: Database,
  { workspace, profileId, actor }: ReportRequest,
): Promise<AsyncGenerator<string>> {
  const workspaceId = workspace.id
  const profileIds = await guarded(() =>
    idsOfTarget(db.general, workspaceId, { profileId, throughMerges: true }),
  )
  const person = await guarded(() => knowPerson(db.general, workspaceId, profileIds))
  const [livingId = profileId] = profileIds
  await act(db, actor, async (tx) => {
    await record(tx, { actor, workspaceId, action: 'profile.report', object: livingId })
    return true
  })
  const { hashes, addresses } = new PersonSearch(person)
  const parts = readReport(db.analysis, { workspaceId, profileIds, hashes, addresses })
  return textOf({ workspace: workspace.guid, profileId: livingId, at: toRfc3339(now()) }, parts)
}

async function* textOf(head: object, parts: ReturnType<typeof readReport>): AsyncGenerator<string> {
  yield JSON.stringify(head).slice(0, -1)
  let open: string | undefined
  let isFirst = true
  for await (const { section, rows } of parts) {
    if (section !== open) {
      yield `${open === undefined ? '' : ']'},\n${JSON.stringify(section)}:[`
      isFirst = true
    }
    open = section
    if (rows.length > 0) yield `${isFirst ? '' : ','}\n${rows.join(',\n')}`
    isFirst = isFirst && rows.length === 0
  }
  yield ']}\n'
}
