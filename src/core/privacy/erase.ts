import { newUuid } from '../../lib/ids.ts'
import { now } from '../../lib/time.ts'
import type { Workspace } from '../../model/workspace.ts'
import type { Transaction } from '../../storage/db.ts'
import { insertErasure } from '../../storage/erasures.ts'
import { deleteCodesOf, deleteMessagesTo } from '../../storage/person-names.ts'
import { erasureContext, seal } from '../access/index.ts'
import { record } from '../audit/index.ts'
import type { Actor } from '../audit/index.ts'
import { deleteInside, idOfTarget, seizeProfile } from '../profiles/index.ts'
import type { Tombstones } from '../tombstones/index.ts'
import { countsOf } from './counts.ts'
import { PersonSearch, knowPerson } from './person.ts'
import { PLACES } from './places.ts'

/** Who is to be erased. */
export interface ErasureRequest {
  workspace: Workspace
  /** Also the id of a profile that was merged away: the person that it belongs to is erased. */
  profileId: number
  /** Keeps hashes of the person's identifiers, so that no write may name one again. */
  tombstone: boolean
  actor: Actor
}

/** What is noted in memory reaches the ledger within this, milliseconds: what is looked through begins behind it. */
const NOTED_WITHIN_MS = 1_000

/**
 * The first part of an erasure, in the transaction of its answer: the profile with everything that belongs to it, messages and
 * codes, and the receipt. What follows finds what to do in the receipt's row, whatever becomes of this process.
 * @returns the id of the receipt
 * @throws CDP_PROFILE_NOT_FOUND
 */
export async function erasePerson(
  tx: Transaction,
  { workspace, profileId, tombstone, actor }: ErasureRequest,
  { tombstones, secretKey }: { tombstones: Tombstones; secretKey: Buffer },
): Promise<string> {
  const workspaceId = workspace.id
  const erasureId = newUuid()
  const at = now()
  const target = { profileId, throughMerges: true }
  const held = await seizeProfile(tx, workspaceId, () => idOfTarget(tx, workspaceId, target))
  const { livingId, profileIds } = held
  const person = await knowPerson(tx, workspaceId, profileIds)
  const { addresses } = new PersonSearch(person)
  const rows = await deleteInside(tx, workspaceId, held)
  const message = await deleteMessagesTo(tx, workspaceId, addresses)
  const subjects = [...addresses, ...person.accountIds, ...profileIds.map(String)]
  const oneTimeCode = await deleteCodesOf(tx, workspaceId, subjects)
  if (tombstone) await tombstones.put(tx, { workspaceId, erasureId }, person.held)
  const personSealed = seal(
    Buffer.from(JSON.stringify(person)),
    erasureContext(workspaceId, erasureId),
    secretKey,
  )
  await insertErasure(tx, {
    workspaceId,
    erasureId,
    profileId: livingId,
    requestedBy: actor.label,
    at,
    tombstone: tombstone ? 'kept' : 'none',
    counts: countsOf({ ...rows, message, one_time_code: oneTimeCode }),
    personSealed,
    place: PLACES[0]?.name ?? '',
    dueAt: at + NOTED_WITHIN_MS,
  })
  const detail = { erasureId, tombstone }
  await record(tx, { actor, workspaceId, action: 'profile.erase', object: livingId, detail })
  return erasureId
}
