import { decodeCursor } from '../../lib/cursor.ts'
import { fitsCodePoints, isStorableText } from '../../lib/text.ts'
import { now } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import { cutPage, foreignCursor } from '../../model/page.ts'
import type { Page } from '../../model/page.ts'
import { guarded } from '../../storage/db.ts'
import type { Database, Transaction } from '../../storage/db.ts'
import { newId } from '../../storage/id-blocks.ts'
import { removeTag } from '../../storage/tag-removals.ts'
import type { TagRemoval } from '../../storage/tag-removals.ts'
import {
  INSTALLATION,
  TAG_COLOR_DEFAULT,
  findNamedTag,
  findProfileTags,
  isTagNameTaken,
  listTags,
  saveTagColor,
  saveTags,
} from '../../storage/tags.ts'
import type { CountedTag, TagQuery, TagRow } from '../../storage/tags.ts'
import { record } from '../audit/index.ts'
import type { Actor } from '../audit/index.ts'
import { runOnce } from '../idempotency/index.ts'
import type { OnceRequest } from '../idempotency/index.ts'

export { INSTALLATION } from '../../storage/tags.ts'

/** Longest name in code points: names are keys of an index. */
export const TAG_NAME_LENGTH_MAX = 255

/** A tag to make. `workspaceId` is whose it is: a workspace, or {@link INSTALLATION}. */
export interface NewTag {
  workspaceId: number
  name: string
  /** As `#rrggbb`; a default when left out. */
  color?: string | undefined
}

/** A tag by its id, and whose it must be. */
export type TagKey = Pick<TagRow, 'workspaceId' | 'tagId'>

/**
 * Tags of workspaces, and those of the installation, which every workspace may put on profiles and none may change.
 * Profiles get and lose tags on the write path: see `tags` and `tagChange` of a command.
 */
export interface Tags {
  /**
   * A page in the order of names, with how many profiles have each: a total that is at most a second old.
   * @throws CDP_QUERY_INVALID the cursor is none of this list's
   */
  list(workspaceId: number, page: { cursor: string | undefined; limit: number }): Promise<Page<CountedTag>>
  /** The tags of a living profile, in the order of names; none when there is no such profile. */
  ofProfile(workspaceId: number, profileId: number): Promise<TagRow[]>
  /**
   * Makes a tag of a workspace. One that it has already, or the installation, is given as it is.
   * @throws CDP_NAME_INVALID
   */
  create(tag: NewTag, actor: Actor, once?: OnceRequest): Promise<{ tag: TagRow; isNew: boolean }>
  /** Makes a tag of the installation. @throws CDP_NAME_INVALID CDP_TAG_TAKEN */
  createShared(tag: Omit<NewTag, 'workspaceId'>, actor: Actor): Promise<TagRow>
  /** Gives a tag another colour; undefined leaves it as it is. @throws CDP_TAG_NOT_FOUND its owner has no such tag */
  recolor(key: TagKey, color: string | undefined, actor: Actor, once?: OnceRequest): Promise<TagRow>
  /**
   * Removes a tag: nobody sees or assigns it any more at once, and it is taken off the profiles behind that.
   * @param by what the changes of those profiles say
   * @throws CDP_TAG_NOT_FOUND its owner has no such tag
   */
  remove(key: TagKey, by: Omit<TagRemoval, 'at'>, actor: Actor, once?: OnceRequest): Promise<void>
}

/** Opens tags over a database. @param secretKey seals what is kept under an Idempotency-Key; without it none may be given */
export function openTags(db: Database, secretKey?: Buffer): Tags {
  return {
    list: (workspaceId, page) => listPage(db, workspaceId, page),
    ofProfile: (workspaceId, profileId) => guarded(() => findProfileTags(db.general, workspaceId, profileId)),
    create: async (tag, actor, once) => {
      const row = await newRow(db, tag)
      return runOnce(db, secretKey, once, (tx) => findOrCreate(tx, row, actor))
    },
    createShared: async (tag, actor) => {
      const row = await newRow(db, { ...tag, workspaceId: INSTALLATION })
      return runOnce(db, secretKey, undefined, async (tx) => {
        const isTaken = await isTagNameTaken(tx, row.name)
        if (isTaken || !(await insert(tx, row, actor))) throw new CdpError('CDP_TAG_TAKEN')
        return row
      })
    },
    recolor: (key, color, actor, once) =>
      runOnce(db, secretKey, once, async (tx) => {
        const tag = await saveTagColor(tx, key, color)
        if (!tag) throw new CdpError('CDP_TAG_NOT_FOUND')
        await note(tx, 'tag.recolor', tag, actor)
        return tag
      }),
    remove: async (key, by, actor, once) => {
      await runOnce(db, secretKey, once, async (tx) => {
        const name = await removeTag(tx, { ...key, removal: { ...by, at: now() } })
        if (name === undefined) throw new CdpError('CDP_TAG_NOT_FOUND')
        await note(tx, 'tag.remove', { ...key, name }, actor)
        return true
      })
    },
  }
}

async function listPage(
  db: Database,
  workspaceId: number,
  { cursor, limit }: { cursor: string | undefined; limit: number },
): Promise<Page<CountedTag>> {
  const rows = await guarded(() =>
    listTags(db.general, { workspaceId, after: placeOf(cursor), limit: limit + 1 }),
  )
  return cutPage(rows, limit, ({ name, tagId }) => [name, tagId])
}

function placeOf(cursor: string | undefined): TagQuery['after'] {
  if (cursor === undefined) return undefined
  const [name, tagId] = decodeCursor(cursor) ?? []
  if (typeof name === 'string' && isStorableText(name) && isTagId(tagId)) return { name, tagId }
  throw foreignCursor()
}

/** Ids of tags are integers of four bytes in the database. */
const TAG_ID_MAX = 2_147_483_647

/** The id of a tag in a path. @throws CDP_TAG_NOT_FOUND it can be no tag's */
export function readTagId(text: string): number {
  const tagId = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN
  if (!isTagId(tagId)) throw new CdpError('CDP_TAG_NOT_FOUND')
  return tagId
}

function isTagId(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= TAG_ID_MAX
}

/** The id is taken before the transaction: it waits for a row that all writers of new tags need. */
async function newRow(db: Database, { workspaceId, name, color }: NewTag): Promise<TagRow> {
  const fits = name !== '' && fitsCodePoints(name, TAG_NAME_LENGTH_MAX) && isStorableText(name)
  if (!fits) throw new CdpError('CDP_NAME_INVALID', { pointer: '/name' })
  const tagId = await guarded(() => newId(db.general, 'tag'))
  return { workspaceId, tagId, name, color: color ?? TAG_COLOR_DEFAULT, createdAt: now() }
}

async function findOrCreate(
  tx: Transaction,
  row: TagRow,
  actor: Actor,
): Promise<{ tag: TagRow; isNew: boolean }> {
  const known = await findNamedTag(tx, row.workspaceId, row.name)
  if (known) return { tag: known, isNew: false }
  if (await insert(tx, row, actor)) return { tag: row, isNew: true }
  const made = await findNamedTag(tx, row.workspaceId, row.name)
  if (!made) throw new CdpError('CDP_OVERLOADED', { retryAfterSeconds: 1 })
  return { tag: made, isNew: false }
}

async function insert(tx: Transaction, row: TagRow, actor: Actor): Promise<boolean> {
  if (!(await saveTags(tx, [row]))) return false
  await note(tx, 'tag.create', row, actor)
  return true
}

async function note(
  tx: Transaction,
  action: string,
  { workspaceId, tagId, name }: TagKey & { name: string },
  actor: Actor,
): Promise<void> {
  const whose = workspaceId === INSTALLATION ? undefined : workspaceId
  await record(tx, { actor, workspaceId: whose, action, object: tagId, detail: { name } })
}
