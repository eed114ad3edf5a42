import { now } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import type { Command, Unit } from '../../model/command.ts'
import type { Workspace } from '../../model/workspace.ts'
import type { Database } from '../../storage/db.ts'
import { findRemovedTags, findTagCarriers, forgetTag } from '../../storage/tag-removals.ts'
import type { RemovedTag } from '../../storage/tag-removals.ts'
import { INSTALLATION, deleteTagAssignments } from '../../storage/tags.ts'
import { findWorkspaceIds } from '../../storage/workspaces.ts'
import type { Ingest } from '../ingest/index.ts'
import { getWorkspace } from '../workspaces/index.ts'
import { tagCommand } from './command.ts'

/** Profiles in one transaction: others write in between, and none waits long for a profile. */
const BATCH = 500

/**
 * How long a removed tag is remembered after nobody has it any more: a write that had found it before it was removed, and
 * puts it on a profile after, is committed long before that.
 */
const REMEMBERED_MS = 3_600_000

/**
 * Takes removed tags off the profiles that have them, batch by batch on the path of every other write: each profile gets
 * its version and its row of the change log, and what follows from a change follows. A tag on a million profiles takes
 * minutes; nobody sees it meanwhile, because every read looks the tag up.
 * @returns a run of a loop: whether there is more to do
 */
export function openTagSweep(db: Database, ingest: Pick<Ingest, 'submit'>): () => Promise<boolean> {
  return async () => {
    let more = false
    for (const tag of await findRemovedTags(db.background)) more = (await sweepTag(db, ingest, tag)) || more
    return more
  }
}

async function sweepTag(db: Database, ingest: Pick<Ingest, 'submit'>, tag: RemovedTag): Promise<boolean> {
  const owners = tag.workspaceId === INSTALLATION ? await findWorkspaceIds(db.background) : [tag.workspaceId]
  let found = false
  for (const workspaceId of owners) found = (await sweepBatch(db, ingest, tag, workspaceId)) || found
  if (!found && tag.removal.at < now() - REMEMBERED_MS) await forgetTag(db.background, tag)
  return found
}

/** @returns whether there was something to take off */
async function sweepBatch(
  db: Database,
  ingest: Pick<Ingest, 'submit'>,
  tag: RemovedTag,
  workspaceId: number,
): Promise<boolean> {
  const { tagId } = tag
  const carriers = await findTagCarriers(db.background, { workspaceId, tagId, limit: BATCH })
  if (carriers.length === 0) return false
  const workspace = await livingWorkspace(db, workspaceId)
  const living = workspace ? carriers.filter(({ isLiving }) => isLiving) : []
  const others = carriers.filter((carrier) => !living.includes(carrier))
  // Nobody sees those of a merged profile or of an archived workspace, and none of them has a version.
  const rows = others.map(({ profileId }) => ({ workspaceId, profileId, tagId }))
  await deleteTagAssignments(db.background, rows)
  if (workspace && living.length > 0) await ingest.submit(unitOf(workspace, tag, living))
  return true
}

async function livingWorkspace(db: Database, workspaceId: number): Promise<Workspace | undefined> {
  try {
    return await getWorkspace(db, workspaceId)
  } catch (error) {
    if (error instanceof CdpError && error.code === 'CDP_WORKSPACE_NOT_FOUND') return undefined
    throw error
  }
}

function unitOf(
  workspace: Workspace,
  { tagId, removal }: RemovedTag,
  carriers: readonly { profileId: number }[],
): Unit {
  const { dialect, operation, credential, traceId } = removal
  const commands = carriers.map(({ profileId }): Command => ({
    ...tagCommand(profileId, { tagId, change: 'clear' }),
    onUnknown: 'ignore',
  }))
  return {
    workspace,
    dialect,
    operation,
    credential,
    traceId,
    receivedAt: now(),
    atomic: 'each',
    bytes: 0,
    commands,
    dropped: [],
    answer: () => ({ status: 0, body: undefined }),
  }
}
